import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { docker, removeImages } from '../containers/test-image.js';
import { makeEchoImage } from '../support/echo.js';
import { Killable } from '../support/killable.js';
import { randomOf, seedOfRun } from '../support/random.js';
import { CacheCheck, writeArchive } from './kills/archives.js';
import { Churn } from './kills/churn.js';
import { Ledger, type Version } from './kills/ledger.js';
import { Slot } from './kills/slot.js';

/* Nothing that was acknowledged is lost by a daemon that is killed, and nothing that it began is left lying about. */

const IMAGE = 'smlocal-test/kills:1';

/** How many; each takes about three seconds, so a test run takes a sample. */
const KILLS = Number(process.env.SMLOCAL_KILLS ?? 20);

const SEED = seedOfRun();
const SLOTS = 3;
/** Killed so soon after its start, a daemon has not yet found what the one before it left. */
const DURING_START = 0.25;
const START_MS = 1_000;
const LOAD_MS = 1_500;

let daemon: Killable;

beforeAll(async () => {
  await makeEchoImage(IMAGE);
  daemon = new Killable();
});
afterAll(async () => {
  await daemon.dispose();
  await removeImages(IMAGE);
});

test(
  `Killed at ${KILLS} random moments: whatever was acknowledged is there, and nothing is orphaned or half written`,
  async () => {
    const random = randomOf(SEED);
    const run = new Run(random);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      try {
        if (random() < DURING_START) await run.killDuringStart();
        else await run.killUnderLoad();
      } catch (error) {
        throw new Error(`SMLOCAL_TEST_SEED=${SEED}: before kill ${kill}`, { cause: error });
      }
    }
    await daemon.start();
    await run.verify();
    process.stdout.write(`${KILLS} kills, seed ${SEED}: ${JSON.stringify(run.counts)}\n`);
  },
  60_000 + 15_000 * KILLS,
);

class Run {
  readonly counts: Record<string, number> = {};
  readonly #random: () => number;
  readonly #ledger = new Ledger();
  readonly #cache = new CacheCheck(daemon.state.path);
  readonly #slots: readonly Slot[];
  readonly #churns: readonly Churn[];
  #versions = 0;

  constructor(random: () => number) {
    this.#random = random;
    mkdirSync(join(daemon.folder, 'models'));
    const tally = (what: string) => {
      this.counts[what] = (this.counts[what] ?? 0) + 1;
    };
    const nextVersion = () => this.#nextVersion();
    this.#slots = Array.from(
      { length: SLOTS },
      (_, index) => new Slot(`e${index}`, this.#ledger, nextVersion, random, tally),
    );
    const archives = join(daemon.folder, 'models');
    this.#churns = ['left', 'right'].map(
      (name) => new Churn(name, IMAGE, archives, this.#ledger, random, tally),
    );
  }

  async killDuringStart(): Promise<void> {
    daemon.spawn();
    await delay(this.#random() * START_MS);
    await daemon.kill();
  }

  async killUnderLoad(): Promise<void> {
    await daemon.start();
    await this.verify();
    const over = new AbortController();
    const load = [
      ...this.#slots.map((slot) => untilOver(over.signal, () => slot.act(daemon))),
      ...this.#slots.map((slot) => untilOver(over.signal, () => slot.invoke(daemon))),
      ...this.#churns.map((churn) => untilOver(over.signal, () => churn.act(daemon))),
    ];
    const loaded = Promise.all(load);
    try {
      await Promise.race([loaded, delay(this.#random() * LOAD_MS)]);
    } finally {
      over.abort();
      await daemon.kill();
    }
    await loaded;
  }

  /** Holds all that there is, in records, containers and files, against what was acknowledged. */
  async verify(): Promise<void> {
    const [, , ...serving] = await Promise.all([
      this.#ledger.verify(daemon.sagemaker),
      this.#cache.verify(),
      ...this.#slots.map((slot) => slot.verify(daemon)),
    ]);
    const expected = serving.map((one) => one?.count ?? 0);
    await vi.waitFor(async () => expect(await this.#containers()).toEqual(expected), {
      timeout: 45_000,
      interval: 100,
    });
    const files = await readdir(join(daemon.state.path, 'state'), { recursive: true });
    expect(files.filter((name) => /partial|damaged/.test(name))).toEqual([]);
    this.counts['cache entries'] = this.#cache.size;
  }

  /** How many run for each slot. */
  async #containers(): Promise<number[]> {
    const ids = await daemon.containers();
    const format = '{{.State.Running}} {{index .Config.Labels "smlocal.endpoint"}}';
    const found = ids.length === 0 ? '' : await docker('inspect', '--format', format, ...ids);
    const lines = found.split('\n').filter((line) => line !== '');
    const counts = this.#slots.map(
      ({ name }) => lines.filter((line) => line === `true ${name}`).length,
    );
    expect(lines, 'none is stopped, or of no endpoint').toHaveLength(
      counts.reduce((sum, count) => sum + count, 0),
    );
    return counts;
  }

  async #nextVersion(): Promise<Version> {
    this.#versions += 1;
    const name = `v${this.#versions}`;
    const modelDataUrl = await writeArchive(join(daemon.folder, 'models'), name);
    return { name, image: IMAGE, modelDataUrl };
  }
}

/** Does something again and again; what fails because it is over has not failed. */
async function untilOver(over: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!over.aborted) {
    try {
      await act();
    } catch (error) {
      if (!over.aborted || (error as Error).name === 'AssertionError') throw error;
    }
  }
}
