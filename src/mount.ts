/** A host path shown inside the container, always read-only: a serving container may not change what belongs to the user. */
export interface Mount {
  /** Absolute path on the host; it must exist. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
}
