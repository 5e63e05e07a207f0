import base from './jest.config.mjs';

/** The tests that need the packed packages: `npm run test:packed` packs them and names their folder in LP_TARBALLS. */
export default {
  ...base,
  roots: ['<rootDir>/packages/pack-tests'],
  testMatch: ['**/packed/**/*.test.ts'],
  testTimeout: 330_000,
};
