import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { loadContract } from '../../../src/contract/contract.js';
import type { ContractName } from '../../../src/contract/model.js';
import { SCALING_OPERATIONS } from '../../../src/services/application-autoscaling/operations.js';
import { CLOUDWATCH_OPERATIONS } from '../../../src/services/cloudwatch/operations.js';
import { ECR_OPERATIONS } from '../../../src/services/ecr/operations.js';
import { LOGS_OPERATIONS, LOGS_STREAMS } from '../../../src/services/logs/operations.js';
import { useControlDaemon } from '../../support/control-daemon.js';
import { type BoundaryCase, boundaries, type Members } from './boundaries.js';
import type { Overrides } from './sample-values.js';
import { sample } from './sample-values.js';

/* The services beside SageMaker that have a service model, by the same generator. Those of the query protocol, STS and IAM, have none here. */

const AT_A_TIME = 8;

const control = useControlDaemon();
const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
afterAll(() => agent.destroy());

interface Service {
  readonly contract: ContractName;
  readonly target: string;
  /** What it calls an input that breaks its model. */
  readonly invalidCode: string;
  readonly operations: Iterable<string>;
  readonly overrides: Overrides;
  /** Of those members that are required; else the smallest that the model allows. */
  readonly bases: Readonly<Record<string, Members>>;
}

const SERVICES: readonly Service[] = [
  {
    ...{ contract: 'logs', target: 'Logs_20140328', invalidCode: 'InvalidParameterException' },
    ...{ operations: [...LOGS_OPERATIONS.keys(), ...LOGS_STREAMS.keys()], overrides: {} },
    bases: {},
  },
  {
    ...{ contract: 'ecr', target: 'AmazonEC2ContainerRegistry_V20150921' },
    ...{ invalidCode: 'InvalidParameterException', operations: ECR_OPERATIONS.keys() },
    ...{ overrides: {}, bases: {} },
  },
  {
    ...{ contract: 'cloudwatch', target: 'GraniteServiceVersion20100801' },
    ...{ invalidCode: 'ValidationError', operations: CLOUDWATCH_OPERATIONS.keys() },
    // A union has exactly one of its members.
    overrides: { EvaluationCriteria: () => ({ PromQLCriteria: { Query: 'q' } }) },
    bases: {},
  },
  {
    ...{ contract: 'application-autoscaling', target: 'AnyScaleFrontendService' },
    ...{ invalidCode: 'ValidationException', operations: SCALING_OPERATIONS.keys() },
    ...{ overrides: {}, bases: {} },
  },
];

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

function send({ target }: Service, { operation, input }: BoundaryCase): Promise<Answer> {
  const body = JSON.stringify(input);
  const headers = {
    'x-amz-target': `${target}.${operation}`,
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const call = request(control.url, { method: 'POST', headers, agent }, async (response) => {
      const status = response.statusCode ?? 0;
      if (response.headers['content-type'] === 'application/vnd.amazon.eventstream') {
        response.destroy(); // It would go on for three hours.
        resolve({ status, type: '', message: '' });
        return;
      }
      try {
        const answer = await text(response);
        const { __type: type = '', ...rest } = answer === '' ? {} : JSON.parse(answer);
        resolve({ status, type, message: String(rest.Message ?? rest.message ?? '') });
      } catch (error) {
        reject(error);
      }
    });
    call.once('error', reject);
    call.end(body);
  });
}

const OF_THE_MODEL = /^\d+ validation errors? detected: /;

/** What is wrong with an answer; undefined where it is as it must be. What keeps to the model may be refused by another rule. */
function fault(service: Service, one: BoundaryCase, { status, type, message }: Answer) {
  if (status >= 500) return `status ${status}`;
  if (one.side === 'wrong type') {
    return type === 'SerializationException' ? undefined : 'the type passed';
  }
  if (one.side === 'inside') {
    const isModels = OF_THE_MODEL.test(message) || type === 'SerializationException';
    return isModels ? 'inside was refused' : undefined;
  }
  if (type !== service.invalidCode) return 'outside was taken, or refused by another code';
  const words = ` at '${one.path}' failed to satisfy constraint: ${one.constraint}`;
  return message.includes(words) ? undefined : 'the member is not named with its constraint';
}

test.each(SERVICES)(
  'Every request at the edge of a constraint of $contract’s is answered as its model says',
  async (service) => {
    const contract = loadContract(service.contract);
    const { overrides } = service;
    const all = [...service.operations].flatMap((operation) => {
      const name = contract.operation(operation)?.input?.shape;
      const required = name === undefined ? {} : (sample(contract, name, overrides) as Members);
      const base = { ...required, ...service.bases[operation] };
      return [...boundaries({ contract, overrides, operation, base })];
    });
    const faults: string[] = [];
    const queue = all.values();
    const worker = async () => {
      for (const one of queue) {
        const answer = await send(service, one);
        const what = fault(service, one, answer);
        if (what === undefined) continue;
        const { operation, side, path, input } = one;
        const { status, type, message } = answer;
        const shown = JSON.stringify(input).slice(0, 300);
        faults.push(
          `${what}: ${operation} ${side} ${path}: ${shown} → ${status} ${type} ${message.slice(0, 300)}`,
        );
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    process.stdout.write(`${all.length} generated requests to ${service.contract}\n`);
    expect(faults.slice(0, 20)).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
  },
  60_000,
);
