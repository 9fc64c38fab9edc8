/**
 * The groups of measurements, each loaded when it is run: a group needs what another makes ready first (`dist/`).
 * @type {Readonly<Record<string, () => Promise<Group>>>}
 */
export const GROUPS = {
  invoke: async () => (await import('../invoke/invoke.js')).runInvoke,
  extras: async () => (await import('../extras/extras.js')).runExtras,
  control: async () => (await import('../control/control.js')).runControl,
  create: async () => (await import('../create/create.js')).runCreate,
  reload: async () => (await import('../reload/reload.js')).runReload,
  start: async () => (await import('../start/start.js')).runStart,
  footprint: async () => (await import('../footprint/footprint.js')).runFootprint,
  process: async () => (await import('../process/process.js')).runProcess,
  package: async () => (await import('../package/package.js')).runPackage,
  soak: async () => (await import('../soak/soak.js')).runSoak,
};

/**
 * @typedef {(bench: Bench) => Promise<{ figures: Record<string, number>, goals: Record<string, import('./table.js').Goal> }>} Group
 *   measures, and says which of its figures has which goal
 */

/**
 * @typedef {object} Bench
 * @property {import('./cleanup.js').Cleanup} cleanup
 * @property {number} runs how often what is counted is measured
 * @property {number} edits how many files are saved
 * @property {number} minutes how long the soak lasts
 * @property {(line: string) => void} say
 */
