import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { root } from '../run-program.ts';

/** A fenced block of a document. */
export interface CodeBlock {
  /** The document and the line its code begins at. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
  /** The paragraph right above it. */
  readonly above: string;
}

/** The documents people read, by path from the workspace's top folder. */
export const documents: readonly string[] = [
  'README.md',
  'examples/README.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** What stands with the packages. */
export const readmes: readonly string[] = readdirSync(`${root}packages`)
  .map((name) => `packages/${name}/README.md`)
  .filter((path) => existsSync(root + path));

export const read = (document: string): string => readFileSync(`${root}${document}`, 'utf8');

/** The fenced blocks of a document, in order. */
export function codeBlocks(document: string): CodeBlock[] {
  const text = read(document);
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: code = '' }) => ({
    place: `${document}:${text.slice(0, index).split('\n').length + 1}`,
    language,
    code,
    above: text.slice(0, index).trimEnd().split('\n\n').at(-1) ?? '',
  }));
}
