import { testMultiModel } from './multi-model.js';

/* Several models in a process of our own serving host; the same list as multi-model-server's, in multi-model.docker.test.ts. */

testMultiModel('process', async () => 'any');
