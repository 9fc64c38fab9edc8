import type { EndpointBlock } from './endpoint-schema.js';
import type { Fault, Places } from './places.js';

/** A block that an endpoint has its keys of, and where it stands. */
export interface Level {
  readonly block: EndpointBlock;
  readonly path: readonly string[];
}

/** Of these, an endpoint has one or the other. */
const RIVALS: readonly (readonly [keyof EndpointBlock, keyof EndpointBlock])[] = [
  ['image', 'framework'],
  ['serverless', 'instance_type'],
  ['serverless', 'initial_instance_count'],
];

/**
 * One block of several, the later before the earlier. What a block says takes the place of its rival as well: an `image`
 * that of an inherited `framework`. Where one block says both, what is written in it stands before what a merge key brought.
 */
export function inherit(levels: readonly Level[], places: Places, faults: Fault[]): EndpointBlock {
  const whole: Record<string, unknown> = {};
  for (const level of levels) {
    for (const [key, value] of Object.entries(level.block)) {
      if (value !== undefined) whole[key] = value;
    }
    for (const rivals of RIVALS) {
      const loser = loserOf(level, rivals, places, faults);
      if (loser !== undefined) delete whole[loser];
    }
  }
  return whole;
}

function loserOf(
  { block, path }: Level,
  [one, other]: (typeof RIVALS)[number],
  places: Places,
  faults: Fault[],
): keyof EndpointBlock | undefined {
  const [hasOne, hasOther] = [block[one] !== undefined, block[other] !== undefined];
  if (hasOne !== hasOther) return hasOne ? other : one;
  if (!hasOne) return undefined;
  const [wroteOne, wroteOther] = [one, other].map((key) => places.isWritten([...path, key]));
  if (wroteOne !== wroteOther) return wroteOne ? other : one;
  faults.push({
    ...{ path, key: other },
    message: `${path.join('.')} has both ${one} and ${other}; it can have one of them`,
  });
  return other;
}
