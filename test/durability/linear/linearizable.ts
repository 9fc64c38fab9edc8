/** One call as its client saw it; of two of which one had returned before the other was made, the times say so. */
export interface Call<I, R> {
  readonly calledAt: number;
  readonly returnedAt: number;
  readonly input: I;
  readonly result: R;
}

/** What a thing does when it is asked one thing after the other. */
export interface SerialModel<S, I, R> {
  readonly initial: S;
  /** States that it may go to by itself. */
  moves(state: S): readonly S[];
  /** The state after this call gave this result; undefined where it cannot have in this state. */
  after(state: S, input: I, result: R): S | undefined;
}

/** A way to explain what has been seen so far: the state, and which of the calls that are not over have taken effect. */
interface Explanation<S> {
  readonly state: S;
  readonly done: readonly number[];
}

/**
 * Whether calls that overlapped can have taken effect one after the other, each at some moment between its call and its
 * return (Herlihy and Wing's linearizability). Exact: all orders are followed, as a set of what may be the case.
 *
 * @returns the first call, by its return, that no order explains; undefined where all are explained
 */
export function unexplained<S, I, R>(
  model: SerialModel<S, I, R>,
  calls: readonly Call<I, R>[],
): Call<I, R> | undefined {
  const open = new Map<number, Call<I, R>>();
  let explanations: Explanation<S>[] = [{ state: model.initial, done: [] }];
  for (const { index, call, returns } of inOrder(calls)) {
    if (!returns) {
      open.set(index, call);
      continue;
    }
    explanations = reachable(model, explanations, open)
      .filter(({ done }) => done.includes(index))
      .map(({ state, done }) => ({ state, done: done.filter((other) => other !== index) }));
    open.delete(index);
    if (explanations.length === 0) return call;
  }
  return undefined;
}

function inOrder<I, R>(calls: readonly Call<I, R>[]) {
  const events = calls.flatMap((call, index) => [
    { at: call.calledAt, index, call, returns: false },
    { at: call.returnedAt, index, call, returns: true },
  ]);
  return events.sort((one, other) => one.at - other.at);
}

/** Whatever may be the case by now: any of the open calls may have taken effect, in any order. */
function reachable<S, I, R>(
  model: SerialModel<S, I, R>,
  from: readonly Explanation<S>[],
  open: ReadonlyMap<number, Call<I, R>>,
): Explanation<S>[] {
  const found = new Map<string, Explanation<S>>();
  const todo = [...from];
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    const { state, done } = one;
    const key = JSON.stringify([state, done]);
    if (found.has(key)) continue;
    found.set(key, one);
    for (const next of model.moves(state)) todo.push({ state: next, done });
    for (const [index, { input, result }] of open) {
      if (done.includes(index)) continue;
      const next = model.after(state, input, result);
      if (next !== undefined)
        todo.push({ state: next, done: [...done, index].sort((a, b) => a - b) });
    }
  }
  return [...found.values()];
}
