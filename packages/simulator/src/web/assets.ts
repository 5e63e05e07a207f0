import { readFile } from 'node:fs/promises';

export interface Asset {
  readonly content: Buffer;
  readonly type: string;
}

/** Beside the compiled modules, where the page's build puts it; the sources are equally deep. */
const FOLDER = new URL('../../dist/page/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'agent.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'agent.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** A file of the page; undefined when there is none of this name. @throws Error when the page has not been built. */
export async function asset(name: string): Promise<Asset | undefined> {
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  return type === undefined ? undefined : { content: await readFile(new URL(name, FOLDER)), type };
}
