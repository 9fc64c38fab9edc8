/** A step of something slow, for a person to watch: `done` of `total` bytes where they are known. */
export interface Progress {
  /** What is under way, as the start of a line: `pulling debian:bookworm-slim`. */
  readonly activity: string;
  readonly done?: number;
  readonly total?: number;
}

export type OnProgress = (progress: Progress) => void;
