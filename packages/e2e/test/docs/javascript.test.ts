import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { codeBlocks } from './documents.ts';

const ESM = /^import /m;

it.each([
  ['README.md', 0],
  ['docs/javascript-and-commonjs.md', 0],
  ['docs/javascript-and-commonjs.md', 1],
  ['docs/javascript-and-commonjs.md', 2],
])('the program in %s (number %i) is plain JavaScript for every Node.js that is supported', (document, index) => {
  const { code } = codeBlocks(document).filter(({ language }) => language !== 'sh')[index] ?? { code: '' };
  expect(code).toMatch(/connectAgent/);
  const folder = mkdtempSync(join(tmpdir(), 'lp-program-'));
  try {
    const file = join(folder, ESM.test(code) ? 'program.mjs' : 'program.cjs');
    writeFileSync(file, code);
    execFileSync(process.execPath, ['--check', file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
