import { type Contract, loadContract } from '../contract/contract.js';
import { queryCodeOf } from '../contract/errors.js';
import type { ContractName } from '../contract/model.js';
import { type Members, parseInput } from '../contract/parse.js';
import { readQueryInput } from '../contract/query-input.js';
import type { Encoding } from '../contract/serialize.js';
import { validate, validationError } from '../contract/validate.js';
import { ServiceError } from '../errors.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import { countUnserved, type JsonCall, runJsonOperation } from './aws-json.js';
import type { QueryService } from './query.js';

/** As the query protocol wraps collections in XML; `buildXml` writes the times. */
const XML_ENCODING: Encoding = {
  timestamp: (date) => date,
  blob: (bytes) => bytes.toString('base64'),
  list: (items) => ({ member: items }),
  map: (entries) => ({ entry: Object.entries(entries).map(([key, value]) => ({ key, value })) }),
};

/**
 * Holds a form against the service model.
 * @throws ServiceError `ValidationError`, or `MalformedInput` for what is of another type
 */
export function checkQueryInput(name: ContractName, action: string, form: URLSearchParams): void {
  const contract = loadContract(name);
  const violations = validate(contract, action, parsed(contract, action, form));
  if (violations.length > 0) throw validationError(violations, 'ValidationError');
}

function parsed(contract: Contract, action: string, form: URLSearchParams): Members {
  try {
    return parseInput(contract, action, readQueryInput(contract, action, form));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new ServiceError('MalformedInput', 400, error.message);
  }
}

/** A service of AWS JSON for clients that still speak the query protocol to it, which its service model describes as well. */
export function queryByModel<Context>(
  call: JsonCall<Context>,
  namespace: string,
  unserved: UnservedCalls,
): QueryService {
  const contract = loadContract(call.service.contract);
  return {
    namespace,
    run: async (action, form) => {
      countUnserved(call.service, action, unserved);
      if (!call.service.operations.has(action)) return undefined;
      try {
        const input = readQueryInput(contract, action, form);
        return (await runJsonOperation(call, action, input, XML_ENCODING)) ?? {};
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const code = queryCodeOf(contract, error.code);
        throw new ServiceError(code, error.statusCode, error.message, error.members);
      }
    },
  };
}
