// `node packer.js MODEL CODE FOLDER`: packs as `smlocal deploy` does, and prints what came of it and the most memory it took.
import { packageModel } from '../../dist/artifacts/package.js';

const [model, code, folder] = process.argv.slice(2);

const { built, digest, bytes } = await packageModel(
  { model, code },
  {
    folder,
    unpacked: () => Promise.reject(new Error('The model is a folder.')),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  },
);
// The kernel counts in units of 1024 bytes.
const peakRssMb = (process.resourceUsage().maxRSS * 1024) / 1e6;
console.log(JSON.stringify({ built, digest, bytes, peakRssMb }));
