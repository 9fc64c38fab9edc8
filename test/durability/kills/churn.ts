import type { Killable } from '../../support/killable.js';
import { writeArchive } from './archives.js';
import type { Ledger, Version } from './ledger.js';

/** Models and configs that serve nothing, made and deleted as quickly as that goes. */
export class Churn {
  readonly #kept: Version[] = [];
  #archive: Promise<string> | undefined;
  #count = 0;

  constructor(
    private readonly prefix: string,
    private readonly image: string,
    private readonly folder: string,
    private readonly ledger: Ledger,
    private readonly random: () => number,
    private readonly tally: (what: string) => void,
  ) {}

  /** Makes a pair, or deletes one. */
  async act({ sagemaker }: Killable): Promise<void> {
    const oldest = this.#kept[0];
    if (oldest !== undefined && this.random() < this.#kept.length / 20) {
      this.#kept.shift();
      await this.ledger.delete(sagemaker, 'models', oldest);
      await this.ledger.delete(sagemaker, 'configs', oldest);
      this.tally('pairs deleted');
      return;
    }
    this.#archive ??= writeArchive(this.folder, this.prefix);
    this.#count += 1;
    const name = `${this.prefix}${this.#count}`;
    const version = { name, image: this.image, modelDataUrl: await this.#archive };
    if (!(await this.ledger.create(sagemaker, version))) return;
    this.#kept.push(version);
    this.tally('pairs created');
  }
}
