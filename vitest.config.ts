import { defineConfig } from 'vitest/config';

const IN_CONTAINERS = 'test/**/*.docker.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [IN_CONTAINERS],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'docker',
          include: [IN_CONTAINERS],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
