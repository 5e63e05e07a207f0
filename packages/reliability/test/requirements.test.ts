import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { sources } from '../requirements.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const documents = Object.entries(sources);
const requirements = documents.flatMap(([, { requirements: all }]) => all);

/** The list items and table rows of some sections of a document. */
function promisesOf(path: string, sections: readonly string[]): string[] {
  const parts = readFileSync(`${root}${path}`, 'utf8').split(/^## /m);
  const wanted = sections.map((title) => parts.find((part) => part.startsWith(title)) ?? '');
  return wanted.flatMap((part) => {
    const lines = part.split('\n');
    const isRule = (line: string | undefined) => /^\|[-| ]+\|$/.test(line ?? '');
    return lines.filter(
      (line, n) => line.startsWith('- ') || (line.startsWith('| ') && !isRule(line) && !isRule(lines[n + 1])),
    );
  });
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

// The name is the first argument of a call: of `it`, or of what `it.each` gives.
function isTestOf(source: string, name: string): boolean {
  const written = ["'", '"', '`'].map((quote) => `(${quote}${name}`);
  const flat = source.replaceAll(/\(\s+/g, '(');
  return /\bit\b/.test(source) && written.some((call) => flat.includes(call));
}

describe('the promises of the documents', () => {
  it.each(documents)('in %s all have a requirement', (path, { sections, requirements: all }) => {
    const promises = promisesOf(path, sections);
    expect(promises.length).toBeGreaterThanOrEqual(sections.length);
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
    expect(missingTests({ 'core/test/channel.test.ts': ['does what nobody wrote'] })).toHaveLength(1);
  });
});
