// `node without-metrics.js up --port PORT`: smlocal's daemon as its modules are, one of them changed so that no invocation is
// counted. The metrics cannot be turned off otherwise.
import { parseArgs } from 'node:util';
import { up } from '../../dist/commands/up.js';
import { keepYoungHeapSmall } from '../../dist/commands/young-heap.js';
import { InvocationMetrics } from '../../dist/services/cloudwatch/invocation-metrics.js';

InvocationMetrics.prototype.record = () => undefined;

const { values } = parseArgs({ allowPositionals: true, options: { port: { type: 'string' } } });
process.exit(await up({ port: Number(values.port), watch: true }, keepYoungHeapSmall()));
