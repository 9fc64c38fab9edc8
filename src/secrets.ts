/** A word of a name that says that the value is a secret: TOKEN is one, TOKENIZER is none. */
const SECRET_WORD =
  /^(.*(secret|password|passwd|passphrase|apikey|accesskey|privatekey)s?|tokens?|keys?|pwd|auth|credentials?)$/;

/** Shorter values are no secrets, and would be found in every other word. */
const SHORTEST = 6;

const MASK = '***';

/** Whether the name of a variable says that its value is a secret. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => SECRET_WORD.test(word)) || SECRET_WORD.test(words.join(''));
}

/** The secret values that are known, which nothing that smlocal itself writes for people to read may show. */
export class Secrets {
  /** Each as it is, and as JSON has it. */
  readonly #values = new Set<string>();

  add(value: string | undefined): void {
    if (value === undefined || value.length < SHORTEST) return;
    this.#values.add(value);
    this.#values.add(JSON.stringify(value).slice(1, -1));
  }

  /** Adds the values of an environment whose names say that they are secrets. */
  addEnvironment(environment: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(environment))
      if (typeof value === 'string' && isSecretName(name)) this.add(value);
  }

  /** Adds those of every `Environment` that a record of AWS's holds, at any depth. */
  addRecord(record: unknown): void {
    if (typeof record !== 'object' || record === null) return;
    for (const [key, value] of Object.entries(record)) {
      if (key === 'Environment' && typeof value === 'object' && value !== null)
        this.addEnvironment(value as Record<string, unknown>);
      else this.addRecord(value);
    }
  }

  /** A text with a mask in place of each secret; the longest first, for one may be part of another. */
  mask(text: string): string {
    const found = [...this.#values].filter((value) => text.includes(value));
    return found
      .sort((one, other) => other.length - one.length)
      .reduce((masked, value) => masked.replaceAll(value, MASK), text);
  }
}
