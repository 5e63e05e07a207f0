import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** What is cited above the tests of a file, and what is wrong with how that is done. */
export interface Citations {
  readonly ids: readonly string[];
  readonly problems: readonly string[];
}

const CITATION = /^\s*\/\/ verifies: (.+)$/;

/** Reads the lines `// verifies: some:id, other:id` of a test file. Each stands right above the test it speaks of. */
export function citationsOf(path: string, source: string): Citations {
  const lines = source.split('\n');
  const ids: string[] = [];
  const problems: string[] = [];
  lines.forEach((line, at) => {
    const cited = CITATION.exec(line)?.[1];
    if (cited === undefined) return;
    ids.push(...cited.split(', '));
    const next = lines.slice(at + 1).find((following) => !CITATION.test(following)) ?? '';
    if (!/^\s*it(\.each)?[(<`]/.test(next)) problems.push(`${path}:${at + 1} cites a promise above what is not a test`);
  });
  return { ids, problems };
}

/** The citations of all tests below `packages/` and `examples/`. */
export function allCitations(root: string): Citations {
  const folders = ['packages', 'examples'].flatMap((top) =>
    readdirSync(`${root}${top}`).flatMap((name) => [`${top}/${name}/test`, `${top}/${name}/packed`]),
  );
  const files = folders
    .filter((folder) => existsSync(`${root}${folder}`))
    .flatMap((folder) =>
      readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
    );
  const all = files
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => citationsOf(path, readFileSync(`${root}${path}`, 'utf8')));
  return { ids: all.flatMap(({ ids }) => ids), problems: all.flatMap(({ problems }) => problems) };
}
