/**
 * Why an archive is refused, in words that end a sentence: `"../x" leaves the model's folder`. The unpacking puts the
 * archive's path before it and makes it a SmlocalError.
 */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}

/** A refusal of one entry, its name quoted so that odd characters show. */
export function entryError(name: string, reason: string, cause?: unknown): ArchiveError {
  return new ArchiveError(`the entry ${JSON.stringify(name)} ${reason}`, { cause });
}
