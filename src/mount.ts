/** A host path shown inside the container; read-only unless it is said, for a container may not change what is the user's. */
export interface Mount {
  /** Absolute path on the host, which must exist; with `volume` the name of a volume of the engine's, which is made if need be. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  readonly writable?: true;
  readonly volume?: true;
}
