/**
 * The checks as a report that scripts/test-summary.js reads: of the form that the test runner's own have.
 * @param {readonly import('./short.js').Check[]} checks
 */
export function reportOf(checks) {
  const failed = checks.some(({ state }) => state === 'failed');
  const assertionResults = checks.map(({ state, text }) => ({ status: state, fullName: text }));
  const status = failed ? 'failed' : 'passed';
  return { testResults: [{ name: 'bench/ratios.json', status, message: '', assertionResults }] };
}
