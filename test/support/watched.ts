import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Config, DEFAULT_ACCOUNT, type EndpointSettings } from '../../src/config/config.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import type { WatchSettings } from '../../src/daemon/reloading.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { applyManifest } from '../../src/deploy/apply.js';
import { manifestOf } from '../../src/deploy/manifest.js';
import type { ReloadReport } from '../../src/reload/report.js';
import { configFor } from './test-daemon.js';

/** A daemon that watches, as `smlocal up` makes one, with a folder for its endpoints' files. */
export class WatchedDaemon {
  private constructor(
    readonly daemon: Daemon,
    readonly folder: string,
  ) {}

  static async start(
    watch: Partial<WatchSettings> = {},
    engine: Config['engine'] = 'docker',
  ): Promise<WatchedDaemon> {
    const folder = await mkdtemp(join(tmpdir(), 'smlocal-watched-'));
    const stateDir = join(folder, 'state');
    const daemon = await startDaemon({ config: configFor(engine), stateDir, watched: true });
    await daemon.resume();
    daemon.reloading.watch({ ignore: [], polling: false, ...watch });
    return new WatchedDaemon(daemon, folder);
  }

  async stop(): Promise<void> {
    await this.daemon.stop({ force: true });
    await rm(this.folder, { recursive: true });
  }

  /** Makes an endpoint whose code is these files, and waits until it serves. */
  async endpoint(
    endpointName: string,
    files: Readonly<Record<string, string>>,
    settings: Partial<EndpointSettings> & { readonly image: string },
  ): Promise<WatchedEndpoint> {
    const sourceDirectory = join(this.folder, endpointName);
    const endpoint = new WatchedEndpoint(this.daemon, endpointName, sourceDirectory);
    await mkdir(sourceDirectory, { recursive: true });
    for (const [path, text] of Object.entries(files)) await endpoint.save(path, text);
    const whole: EndpointSettings = {
      endpointName,
      modelName: endpointName,
      sourceDirectory,
      environment: {},
      variants: [{ name: 'AllTraffic', weight: 1, instanceType: 'local', instanceCount: 1 }],
      tags: {},
      debug: false,
      ...settings,
    };
    const inService = endpoint.settled();
    await applyManifest(
      this.daemon.control,
      manifestOf(whole, DEFAULT_ACCOUNT),
      this.daemon.ending,
    );
    await inService;
    return endpoint;
  }
}

/** One endpoint of it, with its user's editor and its client. */
export class WatchedEndpoint {
  /** Of every reload so far. */
  readonly reports: ReloadReport[] = [];
  /** What a person was told meanwhile. */
  readonly notices: string[] = [];

  constructor(
    readonly daemon: Daemon,
    readonly name: string,
    readonly folder: string,
  ) {
    daemon.reloading.events.on('report', (report) => {
      if (report.endpointName === name) this.reports.push(report);
    });
    daemon.reloading.events.on('notice', ({ endpointName, text }) => {
      if (endpointName === name) this.notices.push(text);
    });
  }

  /** Resolves when it has come into service. @throws where it fails to */
  settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.daemon.events.on('status', ({ endpointName, status, reason }) => {
        if (endpointName !== this.name) return;
        if (status === 'InService') resolve();
        if (status === 'Failed') reject(new Error(reason));
      });
    });
  }

  path(path: string): string {
    return join(this.folder, path);
  }

  /** As many editors save: written beside, under a name that the watch leaves out, then renamed. */
  async save(path: string, text: string): Promise<void> {
    const file = this.path(path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}~`, text);
    await rename(`${file}~`, file);
  }

  async replace(path: string, from: string, to: string): Promise<void> {
    const text = await readFile(this.path(path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} has no ${from}.`);
    await this.save(path, text.replaceAll(from, to));
  }

  /** Does something and waits for the next reload's report. */
  async reloaded(change: () => Promise<unknown>): Promise<ReloadReport> {
    const { events } = this.daemon.reloading;
    const report = new Promise<ReloadReport>((resolve) => {
      const take = (found: ReloadReport) => {
        if (found.endpointName !== this.name) return;
        events.off('report', take);
        resolve(found);
      };
      events.on('report', take);
    });
    await change();
    return report;
  }

  /** One invocation's answer. @throws where it is an error */
  async ask(body: unknown = {}): Promise<string> {
    const answer = await fetch(`${this.daemon.url}/endpoints/${this.name}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
    return text;
  }

  /** What `smlocal status` shows of its last reload. */
  get shown(): string {
    return this.#line?.reload ?? '';
  }

  get containers(): string[] {
    return (this.#line?.containers ?? []).map(({ id }) => id);
  }

  get #line() {
    return this.daemon.endpointLines().find(({ EndpointName }) => EndpointName === this.name);
  }
}
