/** A ratio may be this much worse than the one that was accepted. */
const MOST_WORSE = 0.3;

/**
 * @param {'more' | 'less'} better which is better, more of the ratio or less
 * @param {number} accepted
 * @param {number} value
 * @returns {number} the share by which it is worse; negative where it is better
 */
export function worsening(better, accepted, value) {
  return better === 'less' ? value / accepted - 1 : 1 - value / accepted;
}

/**
 * The best of several rounds: other work on the machine makes a ratio worse in some, what is wrong with smlocal in all.
 * @param {'more' | 'less'} better
 * @param {readonly number[]} values
 */
export function best(better, values) {
  return better === 'less' ? Math.min(...values) : Math.max(...values);
}

/**
 * @param {'more' | 'less'} better
 * @param {number | undefined} accepted
 * @param {readonly number[]} values of the rounds so far
 * @returns {'fine' | 'worse'}; what was never accepted is worse
 */
export function verdictOn(better, accepted, values) {
  if (accepted === undefined || values.length === 0) return 'worse';
  return worsening(better, accepted, best(better, values)) <= MOST_WORSE ? 'fine' : 'worse';
}
