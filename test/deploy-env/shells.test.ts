import { afterEach, expect, test, vi } from 'vitest';
import { shellOf } from '../../src/commands/env.js';

afterEach(() => vi.unstubAllEnvs());

test('The shell is that of the user, as far as it can be told', () => {
  expect(shellOf({ SHELL: '/usr/bin/fish' })).toBe('fish');
  expect(shellOf({ SHELL: '/bin/zsh' })).toBe('zsh');
  expect(shellOf({ SHELL: '/bin/dash' })).toBe('bash');
  expect(shellOf({ PSModulePath: 'C:\\modules' })).toBe('powershell');
  expect(shellOf({})).toBe('bash');
});
