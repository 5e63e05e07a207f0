import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from '@lp/simulator';
import { build as buildByEsbuild } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launch } from './support/browser.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const entry = path('page/workspace.ts');

/** The page's script, bundled from the packages as their users get them. */
const BUNDLERS: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  esbuild: (folder) =>
    buildByEsbuild({
      entryPoints: [entry],
      outfile: join(folder, 'workspace.js'),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'error',
    }),
  vite: (folder) => promisify(execFile)(process.execPath, [path('page/build-by-vite.mjs'), entry, folder]),
};

let browser: Browser;
let server: Server;
let folder: string;
beforeAll(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), 'lp-page-'));
  server = createServer((request, response) => {
    if (request.url?.endsWith('.js') !== true) {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end('<!doctype html><title>Workspace</title><body><script type="module" src="/workspace.js"></script>');
      return;
    }
    response.setHeader('content-type', 'text/javascript');
    readFile(join(folder, 'workspace.js')).then(
      (code) => response.end(code),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A session as a server that logs in for the page gets it. */
async function logIn(simulator: Awaited<ReturnType<typeof startSimulator>>) {
  const { username, password } = simulator.connectOptions.credentials;
  const response = await fetch(`${simulator.url}/api/account/${simulator.accountId}/login`, {
    method: 'POST',
    body: JSON.stringify({ username, password }),
  });
  const { bearer, config } = (await response.json()) as { bearer: string; config: { userId: string } };
  return { token: bearer, userId: config.userId };
}

async function textOf(page: Page, id: string): Promise<string> {
  const line = page.locator(`#${id}, #failed`);
  await line.first().waitFor({ timeout: 20_000 });
  return (await line.first().textContent()) ?? '';
}

describe.each(Object.keys(BUNDLERS))('an agent in a page, bundled by %s,', (bundler) => {
  it('receives and answers, reads the history, and sends and receives files; what a page cannot have is told', async () => {
    await BUNDLERS[bundler]?.(folder);
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using simulator = await startSimulator({ allowedOrigins: [origin] });
    const { accountId, csdsDomain } = simulator;
    const settings = { accountId, csdsDomain, ...(await logIn(simulator)) };
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(`${origin}/#${encodeURIComponent(JSON.stringify(settings))}`);

    expect(await textOf(page, 'ready')).toBe('ready');
    expect(await textOf(page, 'no-files')).toContain('a page has no files');
    expect(await textOf(page, 'no-signals')).toContain('a page gets no signals');
    expect(await textOf(page, 'no-proxy')).toContain('cannot be used in a page');
    expect(await textOf(page, 'no-ca')).toContain('cannot be used in a page');
    expect(await textOf(page, 'no-login')).toContain('a page cannot log in by itself');
    expect(await textOf(page, 'agent')).toMatch(/^[\w-]{10,}/);

    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'hello' });
    expect((await chat.next()).text).toBe('page: hello');
    await chat.sendFile(new Uint8Array(1_000), { fileType: 'PNG' });
    expect((await chat.next()).text).toBe('got 1000 bytes');
    await chat.say('send me a file');
    expect((await chat.next()).event).toMatchObject({
      contentType: 'hosted/file',
      message: { caption: 'numbers', fileType: 'TXT' },
    });
    // A connection that is lost is made again, as under Node.
    simulator.faults.dropAll();
    await chat.say('what was said?');
    expect((await chat.next({ timeoutMs: 20_000 })).text).toMatch(/^[67] messages$/);

    // Refused upgrades and lost connections are printed by the browser itself.
    expect(problems.filter((problem) => !/WebSocket|ERR_/.test(problem))).toEqual([]);
    await page.close();
  }, 60_000);
});
