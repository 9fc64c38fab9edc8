import { expect, test } from 'vitest';
import { isSecretName, Secrets } from '../src/secrets.js';

test.each([
  'API_KEY',
  'apiKey',
  'OPENAI_APIKEY',
  'HF_TOKEN',
  'DB_PASSWORD',
  'db-password',
  'CLIENT_SECRET',
  'AWS_SECRET_ACCESS_KEY',
  'GOOGLE_CREDENTIALS',
  'token',
])('%s names a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each(['TOKENIZERS_PARALLELISM', 'KEYBOARD', 'MONKEY', 'AUTHOR', 'MODEL_NAME', 'PATH'])(
  '%s names none',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

test('A secret is masked wherever it is, as it is and as JSON has it; what only looks like one is not', () => {
  const secrets = new Secrets();
  secrets.addEnvironment({ API_KEY: 'a "quoted" one', MODE: 'ordinary' });
  expect(secrets.mask('with a "quoted" one, ordinary')).toBe('with ***, ordinary');
  const line = JSON.stringify({ message: 'with a "quoted" one' });
  expect(JSON.parse(secrets.mask(line))).toEqual({ message: 'with ***' });
});

test('Of two secrets of which one is part of the other neither shows', () => {
  const secrets = new Secrets();
  secrets.addEnvironment({ A_TOKEN: 'secret', B_TOKEN: 'secret-and-more' });
  expect(secrets.mask('secret secret-and-more')).toBe('*** ***');
});

test('A value too short to be a secret is left where it is', () => {
  const secrets = new Secrets();
  secrets.addEnvironment({ USE_TOKEN: 'true', NUMBER_OF_KEYS: '2' });
  expect(secrets.mask('it is true that 2 are 2')).toBe('it is true that 2 are 2');
});

test('The environments of a record are found at any depth', () => {
  const secrets = new Secrets();
  secrets.addRecord({
    CreationTime: new Date(),
    deployment: { variants: [{ container: { Environment: { MY_TOKEN: 'deep-down' } } }] },
    Tags: [{ Key: 'TOKEN', Value: 'no environment' }],
  });
  expect(secrets.mask('deep-down, no environment')).toBe('***, no environment');
});
