import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { sources, withoutPromises } from '../requirements.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const documents = Object.entries(sources);
const requirements = documents.flatMap(([, { requirements: all }]) => all);

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

/** What is wrong with the tests that a requirement names. */
function missingTests(tests: Readonly<Record<string, readonly string[]>>): string[] {
  const files = Object.entries(tests);
  if (files.every(([, names]) => names.length === 0)) return ['it names no test'];
  return files.flatMap(([file, names]) => {
    const path = `${root}packages/${file}`;
    if (!existsSync(path)) return [`there is no ${file}`];
    const source = readFileSync(path, 'utf8');
    return names.filter((name) => !isTestOf(source, name)).map((name) => `${file} has no test '${name}'`);
  });
}

// The name is the first argument of a call of `it`, or of what `it.each` gives; it may go on with a placeholder.
function isTestOf(source: string, name: string): boolean {
  const flat = source.replaceAll(/\(\s+/g, '(');
  return ["'", '"', '`'].some((quote) =>
    [quote, '${'].some((end) =>
      flat
        .split(`(${quote}${name}${end}`)
        .slice(0, -1)
        .some((before) => !/\bdescribe(\.each\([^()]*\))?$/.test(before)),
    ),
  );
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

  it.each(documents)('in %s all have a requirement', (path, { sections, requirements: all }) => {
    const promises = promisesOf(path, sections);
    expect(promises.filter((promise) => !all.some(({ says }) => promise.includes(says)))).toEqual([]);
  });

  it.each(documents)('in %s are those that requirements quote', (path, { sections, requirements: all }) => {
    const promises = promisesOf(path, sections);
    expect(all.filter(({ says }) => !promises.some((promise) => promise.includes(says))).map(({ id }) => id)).toEqual(
      [],
    );
  });
});

describe('the requirements', () => {
  it.each(requirements.map(({ id, tests }) => [id, tests] as const))(
    '%s is verified by tests that exist',
    (_id, tests) => {
      expect(missingTests(tests)).toEqual([]);
    },
  );

  it('have ids of their own', () => {
    expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length);
  });

  it('would be found wrong without a test, with a missing file and with a missing test', () => {
    expect(missingTests({})).toEqual(['it names no test']);
    expect(missingTests({ 'core/test/none.test.ts': ['x'] })).toEqual(['there is no core/test/none.test.ts']);
    const file = 'core/test/channel.test.ts';
    expect(missingTests({ [file]: ['closes the stream, drops its buffer and cleans up once'] })).toEqual([]);
    for (const name of ['does what nobody wrote', 'closes the stream', 'leaving a stream']) {
      expect(missingTests({ [file]: [name] })).toEqual([`${file} has no test '${name}'`]);
    }
  });
});
