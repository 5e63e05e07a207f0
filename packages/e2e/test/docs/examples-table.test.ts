import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from '../run-program.ts';
import { codeBlocks, read } from './documents.ts';

const MIGRATING = 'docs/migrating-from-node-agent-sdk.md';
const OURS = /\[([\w-]+)\]\(\.\.\/examples\/[\w-]+\/src\) \| (\d+) \|/g;
const BELOW = /^\| `([\w-]+)` \| \d+ \| (\d+) \|/gm;
/** By what a program is known, in the order of the table. */
const PROGRAMS = ['watchStepUps', 'welcome from bot', 'closing: '];

/** Lines of code: without blank ones and comments. */
function linesOf(code: string): number {
  const lines = code.replaceAll(/\/\*.*?\*\//gs, '').split('\n');
  return lines.filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
}

function linesOfExample(name: string, files: (name: string) => boolean): number {
  const folder = `${root}examples/${name}/src/`;
  const counts = readdirSync(folder)
    .filter(files)
    .map((file) => linesOf(readFileSync(folder + file, 'utf8')));
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('the tables of example bots', () => {
  const text = read(MIGRATING);

  it('say how long ours are, without what plays the other parts', () => {
    const rows = [...text.matchAll(OURS)];
    expect(rows.length).toBeGreaterThan(4);
    const counted = (name: string) => linesOfExample(name, (file) => file !== 'rehearsal.ts');
    expect(rows.map(([, name, lines]) => `${name} ${lines}`)).toEqual(
      rows.map(([, name = '']) => `${name} ${counted(name)}`),
    );
  });

  it('say how long those are that do the same as an old one', () => {
    const blocks = codeBlocks(MIGRATING).filter(({ language }) => language === 'js');
    const programs = PROGRAMS.map((mark) => blocks.find(({ code }) => code.includes(mark))?.code ?? '');
    expect([...text.matchAll(BELOW)].map(([, , lines]) => Number(lines))).toEqual(programs.map(linesOf));
  });

  it('say what ours share', () => {
    const shared = linesOfExample('shared', (file) => ['run.ts', 'program.ts'].includes(file));
    expect(text).toContain(`[${shared} lines](../examples/shared/src)`);
  });
});
