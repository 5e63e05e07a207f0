import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../run-program.ts';
import { documents, read } from './documents.ts';

const withoutCode = (text: string): string => text.replace(/^```.*?^```$/gms, '').replace(/`[^`]*`/g, '');

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const anchors = (document: string): string[] =>
  [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

const links = documents.flatMap((document) =>
  [...withoutCode(read(document)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => ({ document, target }))
    .filter(({ target }) => !/^https?:/.test(target)),
);

describe('the links between the documents', () => {
  it('lead to files that exist, and to headings that exist', () => {
    expect(links.length).toBeGreaterThan(10);
    const broken = links.filter(({ document, target }) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : normalize(join(dirname(document), path));
      if (!existsSync(`${root}${file}`)) return true;
      return anchor !== undefined && file.endsWith('.md') && !anchors(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('reach every document from the README', () => {
    const linked = links.filter(({ document }) => document === 'README.md').map(({ target }) => target.split('#')[0]);
    expect(documents.filter((document) => document !== 'README.md' && !linked.includes(document))).toEqual([]);
  });
});
