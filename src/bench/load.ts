/** What is asked of an endpoint, and for how long; at least one of the two ends is there. */
export interface Load {
  /** Closed loop: as many ask, each again when it has its answer. With a rate: the most that are under way at once. */
  readonly concurrency: number;
  /** Requests a second, due whether the ones before are answered or not. */
  readonly rate?: number;
  readonly durationMs?: number;
  readonly requests?: number;
}

/** One request that was sent. */
export interface Sent {
  readonly index: number;
  /** When it was due, in milliseconds since the beginning; what its latency is counted from. */
  readonly dueMs: number;
  /** When it went out; later than due where too many were under way, or this program was late itself. */
  readonly sentMs: number;
}

export interface LoadParts<Outcome> {
  /** Whatever a request needs that is not to be measured; undefined where it has all. */
  readonly ready?: (index: number) => Promise<void> | undefined;
  /** Sends the request of this number. It never rejects: a failure is an outcome. */
  readonly send: (index: number) => Promise<Outcome>;
  readonly onOutcome: (outcome: Outcome, sent: Sent, doneMs: number) => void;
  /** Ends it early. What is under way is not waited for: the caller breaks it off, and it is an outcome no more. */
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that goes on evenly. */
  readonly now?: () => number;
}

export interface LoadResult {
  readonly elapsedMs: number;
  readonly sent: number;
  /** Were due and never sent, for the time was over. */
  readonly unsent: number;
}

/**
 * How many requests an open loop has in all, or undefined where only time ends a closed one.
 * @returns of a rate and a duration those that are due before its end
 */
export function totalOf({ rate, durationMs, requests }: Load): number | undefined {
  if (rate === undefined || durationMs === undefined) return requests;
  const due = Math.max(1, Math.ceil((durationMs * rate) / 1000));
  return Math.min(due, requests ?? due);
}

/** When a request is due, in milliseconds since the beginning: evenly, the first at once. */
export function dueAt(index: number, rate: number): number {
  return (index * 1000) / rate;
}

/**
 * Asks until the load is done. Closed loop: each of `concurrency` asks again when it has its answer. Open loop: requests
 * go out when they are due, and one that has to wait is counted from when it was due, so that a server that stalls does not
 * hide the waiting of those who would have come meanwhile (coordinated omission).
 */
export async function runLoad<Outcome>(load: Load, parts: LoadParts<Outcome>): Promise<LoadResult> {
  const now = parts.now ?? (() => performance.now());
  const begun = now();
  const run: Run<Outcome> = {
    ...{ load, parts, next: 0, total: totalOf(load) },
    elapsed: () => now() - begun,
  };
  const whole = load.rate === undefined ? closedLoop(run) : openLoop(run, load.rate);
  await orAborted(whole, parts.signal);
  const due = load.rate === undefined || parts.signal.aborted ? run.next : (run.total ?? run.next);
  return { elapsedMs: run.elapsed(), sent: run.next, unsent: due - run.next };
}

interface Run<Outcome> {
  readonly load: Load;
  readonly parts: LoadParts<Outcome>;
  readonly total: number | undefined;
  readonly elapsed: () => number;
  next: number;
}

function isAllSent<Outcome>({ parts, total, next }: Run<Outcome>): boolean {
  return parts.signal.aborted || (total !== undefined && next >= total);
}

function isTimeOver<Outcome>({ load, elapsed }: Run<Outcome>): boolean {
  return load.durationMs !== undefined && elapsed() >= load.durationMs;
}

async function sendNext<Outcome>(run: Run<Outcome>, due?: number): Promise<void> {
  const index = run.next;
  run.next += 1;
  // Only where there is something to wait for: a turn of the event loop more would be measured too.
  const ready = run.parts.ready?.(index);
  if (ready !== undefined) await ready;
  const sentMs = run.elapsed();
  const outcome = await run.parts.send(index);
  if (run.parts.signal.aborted) return;
  run.parts.onOutcome(outcome, { index, dueMs: due ?? sentMs, sentMs }, run.elapsed());
}

async function closedLoop<Outcome>(run: Run<Outcome>): Promise<void> {
  const asking = async () => {
    while (!isAllSent(run) && !isTimeOver(run)) await sendNext(run);
  };
  await Promise.all(Array.from({ length: run.load.concurrency }, asking));
}

/**
 * While a timer waits for the next request nobody else is due; without one, the next waits for one that is under way. Only
 * such a backlog is given up when the time is over, and not a request that was due just before the end.
 */
function openLoop<Outcome>(run: Run<Outcome>, rate: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let underWay = 0;
    let timer: NodeJS.Timeout | undefined;
    const advance = () => {
      timer = undefined;
      while (!isAllSent(run) && underWay < run.load.concurrency) {
        const due = dueAt(run.next, rate);
        const wait = due - run.elapsed();
        if (wait > 0) {
          timer = setTimeout(advance, wait);
          return;
        }
        underWay += 1;
        sendNext(run, due).then(answered, reject);
      }
      if (underWay === 0) resolve();
    };
    const answered = () => {
      underWay -= 1;
      if (timer !== undefined) return;
      if (!isTimeOver(run)) advance();
      else if (underWay === 0) resolve();
    };
    run.parts.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    advance();
  });
}

/** Also takes care that an aborted loop keeps nothing waiting. */
async function orAborted(whole: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop: () => void = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([whole, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
