/** One version of a model in one container. */
export interface Model {
  readonly target: string;
  readonly id: string;
  version: string;
  ready: Promise<void>;
  /** `waiting`: for others to make room; `gone`: nobody may begin to use it. */
  state: 'loading' | 'waiting' | 'loaded' | 'gone';
  /** Whether the container had it already when it was told to load it. */
  wasThere: boolean;
  users: number;
  usedAt: number;
  /** What serves until this one is loaded, and on where it cannot be. */
  previous: Model | undefined;
}

/** A loaded model, for one invocation: it is not unloaded before `release` has been called. */
export interface ModelInUse {
  readonly target: string;
  readonly id: string;
  /** Whether the container had to load it, as far as is known. */
  readonly isFresh: boolean;
  release(): void;
}

/** Of the models that nobody uses the one that was used the longest time ago. */
export function idleOf(models: readonly Model[]): Model | undefined {
  return models
    .filter(({ state, users }) => state === 'loaded' && users === 0)
    .sort((one, other) => one.usedAt - other.usedAt)[0];
}
