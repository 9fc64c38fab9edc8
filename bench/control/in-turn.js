/** @typedef {import('./operations.js').Operation} Operation */

/**
 * Asks two servers in turn, call by call, so that whatever else the machine does meets both.
 * @template {string} Name
 * @param {Record<Name, Operation>} operations
 * @param {number} first the first call's index
 * @param {number} calls of each
 * @returns {Promise<Record<Name, number[]>>} milliseconds
 */
export async function timesInTurn(operations, first, calls) {
  const asked = /** @type {[Name, Operation][]} */ (Object.entries(operations));
  const times = /** @type {Record<Name, number[]>} */ (
    Object.fromEntries(asked.map(([name]) => [name, []]))
  );
  for (let index = first; index < first + calls; index += 1) {
    for (const [name, operation] of asked) {
      const from = performance.now();
      await operation(index);
      times[name].push(performance.now() - from);
    }
  }
  return times;
}
