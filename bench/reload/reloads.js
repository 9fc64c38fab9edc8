import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../lib/daemon.js';
import { whenInService } from '../lib/sagemaker.js';
import { Asking } from './asking.js';
import { edit } from './project.js';

/** Between two edits nobody saves, nor asks: what the last one left to be done is done. */
const REST_MS = 400;

/** An endpoint of the benchmark's, its files watched. */
export class Project {
  #version = 0;

  /** @param {{ folder: string, pid: number, url: string, asking: Asking, stop: () => Promise<void> }} parts */
  constructor({ folder, pid, url, asking, stop }) {
    this.folder = folder;
    this.pid = pid;
    this.url = url;
    this.asking = asking;
    this.stop = stop;
  }

  /**
   * Starts one, and waits for its first answer.
   * @param {import('../lib/cleanup.js').Cleanup} cleanup
   * @param {{ write: (folder: string) => Promise<void>, body: Buffer }} what
   */
  static async start(cleanup, { write, body }) {
    const daemon = await startDaemon(cleanup, write);
    await whenInService(daemon.url, 'edited');
    const asking = new Asking(`${daemon.url}/endpoints/edited/invocations`, body);
    const closeAsking = cleanup.add(() => asking.close());
    await asking.until('"code 0"');
    return new Project({
      folder: daemon.folder,
      pid: daemon.pid,
      url: daemon.url,
      asking,
      stop: async () => {
        await closeAsking();
        await daemon.stop();
      },
    });
  }

  /**
   * Saves a file with another version in it, and asks until an answer carries that.
   * @param {string} file
   * @param {'code' | 'model' | 'environment'} stamp what the version is the version of
   * @param {number} pauseMs between an answer and the next question
   * @returns {Promise<number>} milliseconds from the write to that answer
   */
  async reload(file, stamp, pauseMs) {
    await delay(REST_MS);
    this.#version += 1;
    const text = `"${stamp} ${this.#version}"`;
    const path = join(this.folder, file);
    const before = (await readFile(path, 'utf8')).match(new RegExp(`"${stamp} \\d+"`))?.[0] ?? '';
    const found = this.asking.until(text, { pauseMs });
    found.catch(() => undefined);
    const from = performance.now();
    await edit(path, (content) => content.replace(before, text));
    return (await found) - from;
  }

  /**
   * @param {number} runs
   * @param {string} file
   * @param {'code' | 'model' | 'environment'} stamp
   */
  async reloads(runs, file, stamp, pauseMs = 0) {
    const times = [];
    for (let run = 0; run < runs; run += 1) times.push(await this.reload(file, stamp, pauseMs));
    return times;
  }
}

/** @param {string} fixture */
export function sampleOf(fixture) {
  const file = new URL(`../../fixtures/${fixture}/samples/request.json`, import.meta.url);
  return readFile(fileURLToPath(file));
}
