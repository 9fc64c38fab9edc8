import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { pythonClients } from '../support/python-clients.js';
import { succeed } from '../support/run.js';

interface Scraped {
  readonly types: Readonly<Record<string, string>>;
  /** The value of the one sample of this name whose labels have all of these; undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

/** What Prometheus' own client reads on the page. */
export async function scrape(url: string): Promise<Scraped> {
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const script = fileURLToPath(new URL('scrape.py', import.meta.url));
  const python = join(await pythonClients(), 'bin', 'python');
  const { types, samples } = JSON.parse(
    await succeed(python, [script], { input: await response.text() }),
  ) as { types: Record<string, string>; samples: [string, Record<string, string>, number][] };
  return {
    types,
    value: (name, labels = {}) => {
      const found = samples.filter(
        ([own, all]) =>
          own === name && Object.entries(labels).every(([label, value]) => all[label] === value),
      );
      expect(found.length, `${name} ${JSON.stringify(labels)}`).toBeLessThan(2);
      return found[0]?.[2];
    },
  };
}
