import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { sources, withoutPromises } from '../requirements.ts';
import { allCitations, citationsOf } from './citations.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const documents = Object.entries(sources);
const ids = documents.flatMap(([, { promises }]) => Object.keys(promises));
const cited = allCitations(root);

/** The list items and table rows of each section of a document that has any, without its code. */
function sectionsOf(path: string): Map<string, string[]> {
  const text = readFileSync(`${root}${path}`, 'utf8').replaceAll(/^ *```.*?^ *```$/gms, '');
  const isRule = (line: string | undefined) => /^\|[-| ]+\|$/.test(line ?? '');
  const found = text.split(/^## /m).map((part, n): [string, string[]] => {
    const lines = part.split('\n');
    const items = lines.filter(
      (line, at) => /^(- |\d+\. )/.test(line) || (line.startsWith('| ') && !isRule(line) && !isRule(lines[at + 1])),
    );
    return [n === 0 ? '(introduction)' : (lines[0] ?? ''), items];
  });
  return new Map(found.filter(([, items]) => items.length > 0));
}

/** Those of some sections. */
function promisesOf(path: string, sections: readonly string[]): string[] {
  const all = sectionsOf(path);
  return sections.flatMap((title) => all.get(title) ?? []);
}

describe('the promises of the documents', () => {
  it('are looked for in every document, or it is said why not', () => {
    const here = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'));
    const known = [...Object.keys(sources), ...Object.keys(withoutPromises)].sort();
    expect(known).toEqual(['README.md', ...here.map((name) => `docs/${name}`)].sort());
  });

  it.each(documents)(
    'in %s are looked for in every section with a list or a table, or it is said why not',
    (path, source) => {
      const known = [...source.sections, ...Object.keys(source.others ?? {})].sort();
      expect(known).toEqual([...sectionsOf(path).keys()].sort());
    },
  );

  it.each(documents)('in %s all have an id', (path, { sections, promises }) => {
    const known = Object.values(promises);
    expect(promisesOf(path, sections).filter((promise) => !known.some((words) => promise.includes(words)))).toEqual([]);
  });

  it.each(documents)('in %s still have the words that stand beside their ids', (path, { sections, promises }) => {
    const there = promisesOf(path, sections);
    const gone = Object.entries(promises).filter(([, words]) => !there.some((promise) => promise.includes(words)));
    expect(gone.map(([id]) => id)).toEqual([]);
  });
});

describe('the tests', () => {
  it('verify every promise', () => {
    expect(ids.filter((id) => !cited.ids.includes(id))).toEqual([]);
  });

  it('cite no promise that no document makes', () => {
    expect([...new Set(cited.ids)].filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('stand right below what they cite', () => {
    expect(cited.problems).toEqual([]);
  });

  it('are read as they are written', () => {
    const source =
      "  // verifies: a:b, c:d\n  // verifies: e:f\n  it('does', () => {});\n// verifies: g:h\ndescribe('x', f);";
    expect(citationsOf('some.test.ts', source)).toEqual({
      ids: ['a:b', 'c:d', 'e:f', 'g:h'],
      problems: ['some.test.ts:4 cites a promise above what is not a test'],
    });
  });
});

describe('the ids of promises', () => {
  it('are each given once', () => {
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });
});
