import { testContract } from './contract.js';
import { useDocker } from './docker-fixture.js';

testContract(useDocker());
