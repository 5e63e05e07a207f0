import base from '../tooling/jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/packages/browser-tests'],
  // A name that the other tests' run does not find: these need a browser.
  testMatch: ['**/test/**/*.browser.ts'],
  testTimeout: 30_000,
};
