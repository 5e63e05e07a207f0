import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { build, type Platform } from 'esbuild';

interface Budget {
  readonly code: string;
  readonly platform: Platform;
  readonly external?: string[];
  /** In bytes, minified and gzipped. */
  readonly limit: number;
}

const IN_A_PAGE = 'an agent in a page, zod included';

/** What an import may weigh. Raise a limit only for something that is worth its weight to every user. */
const BUDGETS: Readonly<Record<string, Budget>> = {
  'one error class in a page': { code: `export { LpError } from '@lp/core';`, platform: 'browser', limit: 600 },
  'a transport in a page': {
    code: `export { createTransport } from '@lp/transport';`,
    platform: 'browser',
    limit: 19_500,
  },
  [IN_A_PAGE]: {
    code: `export { connectAgent } from '@lp/agent';`,
    platform: 'browser',
    limit: 140_000,
  },
  'all schemas in a page, zod included': {
    code: `export * from '@lp/agent/schemas';`,
    platform: 'browser',
    limit: 44_000,
  },
  'an agent on a server': {
    code: `export { connectAgent } from '@lp/agent';`,
    platform: 'node',
    external: ['https-proxy-agent', 'isomorphic-ws', 'oauth-1.0a', 'proxy-from-env', 'undici', 'ws', 'zod'],
    limit: 115_000,
  },
  'an agent on a server, its dependencies included': {
    code: `export { connectAgent } from '@lp/agent';`,
    platform: 'node',
    limit: 334_000,
  },
};

describe('the size of', () => {
  it.each(Object.entries(BUDGETS))('%s stays within its budget', async (_what, { code, limit, ...options }) => {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      bundle: true,
      write: false,
      minify: true,
      ...options,
      format: 'esm',
      target: 'es2022',
      conditions: ['@lp/source'],
      legalComments: 'none',
    });
    const size = gzipSync(outputFiles[0]?.contents ?? '').length;
    expect(size).toBeLessThanOrEqual(limit);
    // A budget that is far too large guards nothing.
    expect(size).toBeGreaterThan(limit * 0.7);
  });

  it('a page stands in the document about browsers with its budget', async () => {
    const text = await readFile(new URL('../../../docs/browsers.md', import.meta.url), 'utf8');
    expect(text).toContain(`below ${BUDGETS[IN_A_PAGE]?.limit.toLocaleString('en')} bytes with gzip`);
  });
});
