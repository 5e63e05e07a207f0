/** @type {import('jest').Config} */
export default {
  rootDir: '../..',
  testEnvironment: 'node',
  // Workspace packages resolve to their TypeScript sources: no build is needed before a test.
  testEnvironmentOptions: { customExportConditions: ['@lp/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/packages', '<rootDir>/examples'],
  testMatch: ['**/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/packages/tooling/tsconfig.jest.json' }] },
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // jest's default leaves one core idle; on two cores that halves the speed.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
  // Tests wait for events; the limit is there for those that never come, not for a busy machine.
  testTimeout: 20_000,
  restoreMocks: true,
  coverageProvider: 'v8',
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
  reporters: ['default', '<rootDir>/packages/tooling/src/summary-reporter.mjs'],
};
