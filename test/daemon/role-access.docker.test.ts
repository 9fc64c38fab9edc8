import { PYTORCH } from '../support/fixtures.js';
import { useDaemon } from '../support/test-daemon.js';
import { testRoleAccess } from './role-access.js';

testRoleAccess(useDaemon('docker'), { image: PYTORCH.image });
