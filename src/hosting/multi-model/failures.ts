import type { ApiAnswer } from './model-api.js';

/** There is no archive where a target's should be, or it is none that can be unpacked. */
export class NoSuchModel extends Error {
  override readonly name = 'NoSuchModel';

  constructor(
    /** Where it was looked for. */
    readonly uri: string,
    reason: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

/** The container did not load a model. */
export class LoadingFailed extends Error {
  override readonly name = 'LoadingFailed';

  constructor(readonly answer: ApiAnswer) {
    super(`The container answered ${answer.statusCode} when it was to load a model.`);
  }
}
