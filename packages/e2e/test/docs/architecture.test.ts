import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from '../run-program.ts';
import { read } from './documents.ts';
import { sourceFiles } from './sources.ts';

const text = read('docs/architecture.md');
const packages = `${root}packages/`;
const sources = sourceFiles();

/** The numbered steps behind a sentence. */
function stepsAfter(sentence: string): { file: string; names: string[] }[] {
  const part = text.slice(text.indexOf(sentence)).split('\n\n')[1] ?? '';
  return part.split(/\n(?=\d\. )/).map((step) => ({
    file: /\]\(\.\.\/packages\/([^)]+)\)/.exec(step)?.[1] ?? '',
    names: [...(step.split(':')[0] ?? '').matchAll(/`(#?[a-zA-Z]+)`/g)].map(([, name = '']) => name),
  }));
}

describe('the tour of the code', () => {
  it.each([
    ['a received message', 'files in, each a step with a name'],
    ['a sent text', 'Six files out:'],
  ])('leads %s through six files, each with a step that stands in it', (_what, sentence) => {
    const steps = stepsAfter(sentence);
    expect(steps).toHaveLength(6);
    for (const { file, names } of steps) {
      expect(existsSync(`${packages}${file}`)).toBe(true);
      const source = readFileSync(`${packages}${file}`, 'utf8');
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !source.includes(name))).toEqual([]);
    }
  });

  it('says of each room of the agent what it knows, from low to high', () => {
    const table = text.slice(text.indexOf('### The rooms of the agent'));
    const rooms = [...table.slice(0, table.indexOf('###', 3)).matchAll(/^\| `(\w+)` \|/gm)].map(
      ([, name = '']) => name,
    );
    const folders = readdirSync(`${packages}agent/src`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
    expect(rooms.slice(3)).toEqual(['inbound', 'link', 'dialog', 'conversation', 'work']);
  });

  it('names no file that does not exist', () => {
    const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !sources.some((path) => `/${path}`.endsWith(`/${name}`)))).toEqual([]);
  });
});
