/** Where a changed file lies, as its container sees it. */
export type ChangeRoot = 'code' | 'model';

/** A file of an endpoint's that was written, added or removed. */
export interface Change {
  readonly root: ChangeRoot;
  /** Below the root, with `/` between its parts; the file's own name where the root is a file. */
  readonly path: string;
}

/** Changes without those that stand twice, in their order. */
export function distinct(changes: readonly Change[]): Change[] {
  const seen = new Map(changes.map((change) => [`${change.root} ${change.path}`, change]));
  return [...seen.values()];
}

/** The changes in a few words: `inference.py`, `inference.py and 3 more`. */
export function nameChanges(changes: readonly Change[]): string {
  const [first, ...rest] = changes;
  if (first === undefined) return 'nothing';
  return rest.length === 0 ? first.path : `${first.path} and ${rest.length} more`;
}
