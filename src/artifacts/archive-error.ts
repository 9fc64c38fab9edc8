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

/** A refusal of a link that leads out of the folder. */
export function outsideError(name: string, target: string): ArchiveError {
  const reason = `is a link to ${JSON.stringify(target)}, which is outside the model's folder`;
  return new ArchiveError(`the entry ${JSON.stringify(name)} ${reason}`, {
    hint: 'Pack what the links lead to in their place: tar -czhf model.tar.gz -C FOLDER .',
  });
}
