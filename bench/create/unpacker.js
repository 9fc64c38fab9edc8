// `node unpacker.js ARCHIVE STATE`: unpacks as CreateEndpoint has it done, twice, and prints how long each took.
import { pathToFileURL } from 'node:url';
import { createArtifacts } from '../../dist/artifacts/artifacts.js';
import { createLogger } from '../../dist/log.js';

const [archive, stateDir] = process.argv.slice(2);
const artifacts = createArtifacts({ stateDir, log: createLogger() });

/** @returns {Promise<{ ms: number, directory: string }>} */
async function unpack() {
  const from = performance.now();
  const uri = pathToFileURL(archive).href;
  const directory = await artifacts.directoryFor({ uri, compression: 'Gzip' });
  return { ms: performance.now() - from, directory };
}

const cold = await unpack();
const cached = await unpack();
if (cached.directory !== cold.directory) throw new Error('The second call unpacked again.');
console.log(JSON.stringify({ coldMs: cold.ms, cachedMs: cached.ms }));
