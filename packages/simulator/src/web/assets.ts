export interface Asset {
  readonly content: string;
  readonly type: string;
}

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
  if (type === undefined) return undefined;
  // Read when a page is asked for: most simulators never show one.
  const { files } = await import('#page');
  return { content: files[name] ?? '', type };
}
