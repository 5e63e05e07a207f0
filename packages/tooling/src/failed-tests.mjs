import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run.mjs';

const file = join(root, 'node_modules/.cache/failed-tests.json');
/** More than that are no accident of a busy machine. */
const MOST = 3;

/** Forgets an earlier run: one that never came to its tests must not be taken for it. */
export function forgetFailedTests() {
  rmSync(file, { force: true });
}

/** Keeps the paths of the test files that failed. */
export function keepFailedTests(paths) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(paths));
}

/** The test files of the last run that may be run once more; none when it never came to its tests, or when too many failed. */
export function repeatableTests() {
  let paths = [];
  try {
    paths = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // It never came to its tests.
  }
  return paths.length <= MOST ? paths : [];
}
