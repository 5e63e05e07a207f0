import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from '../run-program.ts';
import { read } from './documents.ts';

const LINKED = /\[([\w-]+)\]\(\.\.\/examples\/[\w-]+\/src\) \| (\d+) \|/g;

function linesOf(example: string): number {
  const folder = `${root}examples/${example}/src/`;
  const files = readdirSync(folder).filter((name) => name !== 'rehearsal.ts');
  return files.reduce((sum, name) => sum + readFileSync(folder + name, 'utf8').split('\n').length - 1, 0);
}

describe('the table of example bots', () => {
  it('says how long they are', () => {
    const rows = [...read('docs/migrating-from-node-agent-sdk.md').matchAll(LINKED)];
    expect(rows.length).toBeGreaterThan(5);
    const claimed = rows.map(([, name, lines]) => `${name} ${lines}`);
    expect(claimed).toEqual(rows.map(([, name = '']) => `${name} ${linesOf(name)}`));
  });
});
