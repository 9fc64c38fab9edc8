// `node --import .../without-metrics.js dist/cli.js up`: a daemon that counts no invocation. They cannot be turned off otherwise.
import { InvocationMetrics } from '../../dist/services/cloudwatch/invocation-metrics.js';

InvocationMetrics.prototype.record = () => undefined;
