import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { expect } from 'vitest';
import { ask } from '../../support/echo.js';
import type { Killable } from '../../support/killable.js';
import type { Ledger, Version } from './ledger.js';
import { outcomeOf, undefinedIfNotFound } from './outcome.js';

const SETTLED = new Set<string | undefined>(['InService', 'Failed']);

/** An endpoint as it may be: what it serves, and by how many containers. */
export interface Serving {
  readonly version: Version;
  readonly count: number;
}

/** What one endpoint name is known to be; used by one caller at a time. */
export class Slot {
  /** What it may be, now that some call was cut off; one of them once all are settled. Undefined: there is none. */
  #possible: readonly (Serving | undefined)[] = [undefined];
  /** Whatever it may have answered with since it was last verified. */
  readonly #served = new Set<string>();

  constructor(
    readonly name: string,
    private readonly ledger: Ledger,
    private readonly nextVersion: () => Promise<Version>,
    private readonly random: () => number,
    private readonly tally: (what: string) => void,
  ) {}

  /** Does one thing to it that is allowed in its state, and returns when that is done. */
  async act(daemon: Killable): Promise<void> {
    const [serving] = this.#possible;
    if (this.#possible.length > 1) return this.#settle(daemon);
    if (serving === undefined) return this.#create(daemon);
    const choice = this.random();
    if (choice < 0.3) return this.#delete(daemon, serving);
    if (choice < 0.5) return this.#scale(daemon, serving);
    return this.#update(daemon, serving);
  }

  /** One invocation: whether or not it is answered, no answer may be another's. */
  async invoke(daemon: Killable): Promise<void> {
    const body = `${this.random()}`;
    let answer: string;
    try {
      answer = await ask(daemon, this.name, body);
    } catch {
      return; // There need not be an endpoint now, nor a daemon.
    }
    this.tally('invoked');
    const [version, echo] = answer.split(':');
    expect(echo).toBe(body);
    expect([...this.#served], `what ${this.name} answered with`).toContain(version);
  }

  /** Waits until nothing is done for it any more, and holds what there is against what was acknowledged. */
  async verify(daemon: Killable): Promise<Serving | undefined> {
    await this.#settle(daemon);
    const [serving] = this.#possible;
    if (serving !== undefined)
      expect(await ask(daemon, this.name, 'x')).toBe(`${serving.version.name}:x`);
    this.#served.clear();
    if (serving !== undefined) this.#served.add(serving.version.name);
    return serving;
  }

  async #settle(daemon: Killable): Promise<void> {
    const found = await whenSettled(daemon, this.name);
    expect(found?.FailureReason, this.name).toBeUndefined();
    const [variant] = found?.ProductionVariants ?? [];
    const shown = found && {
      name: found.EndpointConfigName,
      count: variant?.CurrentInstanceCount,
    };
    const possible = this.#possible.map(
      (one) => one && { name: one.version.name, count: one.count },
    );
    expect(possible, `${this.name} is ${JSON.stringify(shown)}`).toContainEqual(shown);
    const index = possible.findIndex(
      (one) => one?.name === shown?.name && one?.count === shown?.count,
    );
    this.#possible = [this.#possible[index]];
  }

  async #create(daemon: Killable): Promise<void> {
    const version = await this.nextVersion();
    if (!(await this.ledger.create(daemon.sagemaker, version))) return;
    const command = new CreateEndpointCommand({
      EndpointName: this.name,
      EndpointConfigName: version.name,
    });
    await this.#change('created', undefined, { version, count: 1 }, daemon.sagemaker.send(command));
    await this.#settle(daemon);
  }

  async #update(daemon: Killable, before: Serving): Promise<void> {
    const version = await this.nextVersion();
    if (!(await this.ledger.create(daemon.sagemaker, version))) return;
    const command = new UpdateEndpointCommand({
      EndpointName: this.name,
      EndpointConfigName: version.name,
    });
    await this.#change('updated', before, { version, count: 1 }, daemon.sagemaker.send(command));
    await this.#settle(daemon);
    // Both orders: what serves needs neither of them.
    const kinds = this.random() < 0.5 ? (['models', 'configs'] as const) : (['configs'] as const);
    for (const kind of kinds) await this.ledger.delete(daemon.sagemaker, kind, before.version);
  }

  async #scale(daemon: Killable, before: Serving): Promise<void> {
    const count = before.count === 1 ? 2 : 1;
    const command = new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: this.name,
      DesiredWeightsAndCapacities: [{ VariantName: 'v', DesiredInstanceCount: count }],
    });
    await this.#change('scaled', before, { ...before, count }, daemon.sagemaker.send(command));
    await this.#settle(daemon);
  }

  async #delete(daemon: Killable, before: Serving): Promise<void> {
    const command = new DeleteEndpointCommand({ EndpointName: this.name });
    await this.#change('deleted', before, undefined, daemon.sagemaker.send(command));
    await this.#settle(daemon);
  }

  async #change(
    what: string,
    before: Serving | undefined,
    after: Serving | undefined,
    call: Promise<unknown>,
  ): Promise<void> {
    this.#possible = [before, after];
    if (after !== undefined) this.#served.add(after.version.name);
    const outcome = await outcomeOf(call);
    if (outcome === 'done') this.#possible = [after];
    if (typeof outcome === 'object') expect.fail(`${this.name}: ${outcome.refused}`);
    this.tally(outcome === 'done' ? what : 'cut off');
  }
}

/** Unlike the tests' other waits, one that ends with the daemon. */
async function whenSettled(
  { sagemaker }: Killable,
  EndpointName: string,
): Promise<DescribeEndpointCommandOutput | undefined> {
  for (const deadline = Date.now() + 60_000; ; await delay(20)) {
    const found = await sagemaker
      .send(new DescribeEndpointCommand({ EndpointName }))
      .catch(undefinedIfNotFound);
    if (found === undefined || SETTLED.has(found.EndpointStatus)) return found;
    if (Date.now() > deadline) expect.fail(`${EndpointName} stays ${found.EndpointStatus}`);
  }
}
