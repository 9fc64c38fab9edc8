import { ServiceError } from '../../errors.js';
import type { Alarm, AlarmState } from './alarm.js';
import type { CloudWatchOperation } from './context.js';
import { invalidCombination } from './errors.js';

interface DescribeInput {
  readonly AlarmNames?: readonly string[];
  readonly AlarmNamePrefix?: string;
  readonly AlarmTypes?: readonly string[];
  readonly StateValue?: AlarmState;
  readonly ActionPrefix?: string;
  readonly MaxRecords?: number;
  readonly NextToken?: string;
  readonly ChildrenOfAlarmName?: string;
  readonly ParentsOfAlarmName?: string;
}

/** As many as the service gives unless asked for fewer or more (API reference). */
const PAGE = 50;

/** DescribeAlarms. Gaps: there are no composite alarms. */
export const describeAlarms: CloudWatchOperation<DescribeInput> = async (input, { alarms }) => {
  if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined) {
    throw invalidCombination('AlarmNames and AlarmNamePrefix cannot be specified together.');
  }
  const from = input.NextToken === undefined ? 0 : offsetIn(input.NextToken);
  const found = alarms.values().filter((alarm) => isWanted(alarm, input));
  const page = found.slice(from, from + (input.MaxRecords ?? PAGE));
  const next = from + page.length;
  return {
    MetricAlarms: page,
    CompositeAlarms: [],
    NextToken:
      found.length > next ? Buffer.from(`alarms:${next}`).toString('base64url') : undefined,
  };
};

function isWanted(alarm: Alarm, input: DescribeInput): boolean {
  const { AlarmNames, AlarmNamePrefix = '', AlarmTypes, StateValue, ActionPrefix } = input;
  const { AlarmActions, OKActions, InsufficientDataActions } = alarm;
  const actions = [...AlarmActions, ...OKActions, ...InsufficientDataActions];
  return (
    (AlarmTypes?.includes('MetricAlarm') ?? true) &&
    // Composite alarms have children and parents, and here there are none.
    input.ChildrenOfAlarmName === undefined &&
    input.ParentsOfAlarmName === undefined &&
    (AlarmNames?.includes(alarm.AlarmName) ?? true) &&
    alarm.AlarmName.startsWith(AlarmNamePrefix) &&
    (StateValue ?? alarm.StateValue) === alarm.StateValue &&
    (ActionPrefix === undefined || actions.some((action) => action.startsWith(ActionPrefix)))
  );
}

function offsetIn(token: string): number {
  const [, offset] = /^alarms:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset !== undefined) return Number(offset);
  throw new ServiceError('InvalidNextToken', 400, 'The next token is invalid.');
}

interface NamesInput {
  readonly AlarmNames: readonly string[];
}

/** DeleteAlarms. Names of which there is no alarm are passed over, as the API reference has it. Gaps: none known. */
export const deleteAlarms: CloudWatchOperation<NamesInput> = async ({ AlarmNames }, { alarms }) => {
  for (const name of AlarmNames) await alarms.delete(name);
  return undefined;
};

/** EnableAlarmActions. Gaps: none known. */
export const enableAlarmActions: CloudWatchOperation<NamesInput> = (input, context) =>
  switchActions(true, input, context);

/** DisableAlarmActions. Gaps: none known. */
export const disableAlarmActions: CloudWatchOperation<NamesInput> = (input, context) =>
  switchActions(false, input, context);

async function switchActions(
  ActionsEnabled: boolean,
  { AlarmNames }: NamesInput,
  { alarms }: Parameters<CloudWatchOperation<NamesInput>>[1],
): Promise<undefined> {
  for (const name of AlarmNames) {
    const alarm = alarms.get(name);
    if (alarm !== undefined) await alarms.put({ ...alarm, ActionsEnabled });
  }
}

interface SetStateInput {
  readonly AlarmName: string;
  readonly StateValue: AlarmState;
  readonly StateReason: string;
  readonly StateReasonData?: string;
}

/**
 * SetAlarmState: what the alarm is to do in that state is done at once; the next look, within ten seconds, takes it back to the
 * state that it is in. A scaling policy reads the metric's values in `StateReasonData` (`recentDatapoints`). Gaps: none known.
 */
export const setAlarmState: CloudWatchOperation<SetStateInput> = async (input, context) => {
  const { AlarmName, StateValue, StateReason, StateReasonData } = input;
  const { alarms, now } = context;
  if (alarms.get(AlarmName) === undefined) {
    throw new ServiceError('ResourceNotFound', 404, `There is no alarm ${AlarmName}.`);
  }
  if (StateReasonData !== undefined && !isJson(StateReasonData)) {
    throw new ServiceError('InvalidFormatFault', 400, 'StateReasonData must be valid JSON.');
  }
  await alarms.setState(AlarmName, { StateValue, StateReason, StateReasonData }, now);
  return undefined;
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
