import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from './run-program.ts';

const LONG = 300;
const MOST_BYTES_OF_A_RESULT = 32 * 1024;
const MADE = new Set(['node_modules', 'dist', 'build', 'coverage', '.cache']);

/** All files below a folder, but for what is made or installed: that comes and goes while tests run. */
function filesBelow(folder: string): string[] {
  return readdirSync(root + folder, { withFileTypes: true })
    .filter(({ name }) => !MADE.has(name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

const files = ['packages', 'examples'].flatMap(filesBelow);

describe('the repository', () => {
  it('has no source over 300 lines that does not say why in its first line', () => {
    const sources = files.filter((path) => /\.(ts|tsx|mjs|cjs|js|css)$/.test(path) && !path.includes('/test/'));
    const read = sources.map((path) => ({
      path,
      lines: readFileSync(root + path, 'utf8')
        .trimEnd()
        .split('\n'),
    }));
    const silent = read.filter(({ lines }) => lines.length > LONG && !lines[0]?.includes('Over 300 lines'));
    expect(sources.length).toBeGreaterThan(500);
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('keeps summaries of campaigns and benchmarks, and no raw results', () => {
    const results = files.filter((path) => /\/results\/[^/]+\.json$/.test(path));
    expect(results.length).toBeGreaterThan(5);
    expect(results.filter((path) => statSync(root + path).size > MOST_BYTES_OF_A_RESULT)).toEqual([]);
  });
});
