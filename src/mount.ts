/** A host path shown inside the container; read-only unless it is said, for a container may not change what is the user's. */
export interface Mount {
  /** Absolute path on the host; it must exist. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  readonly writable?: true;
}
