import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { startSimulator } from '@lp/simulator';
import { build } from 'esbuild';
import { launch } from './support/browser.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const [, program = ''] = /^```js\n(import .*?)^```$/ms.exec(readFileSync(`${root}docs/browsers.md`, 'utf8')) ?? [];

it('the program in docs/browsers.md, bundled, answers', async () => {
  const pages = new Map([['/', '<!doctype html><script type="module" src="/page.js"></script>']]);
  // The page's own server. It has logged in, and hands the session on.
  const server = createServer(({ url = '' }, response) => {
    const type = url === '/session' ? 'application/json' : url === '/' ? 'text/html' : 'text/javascript';
    response.setHeader('content-type', type).end(pages.get(url) ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using simulator = await startSimulator({ allowedOrigins: [origin] });
  const { accountId, csdsDomain, url, connectOptions } = simulator;
  const { username, password } = connectOptions.credentials;
  const body = JSON.stringify({ username, password });
  const response = await fetch(`${url}/api/account/${accountId}/login`, { method: 'POST', body });
  const { bearer, config } = (await response.json()) as { bearer: string; config: { userId: string } };
  pages.set('/session', JSON.stringify({ bearer, userId: config.userId }));

  expect(program).toContain("accountId: '12345678',");
  const here = `${JSON.stringify(accountId)}, csdsDomain: ${JSON.stringify(csdsDomain)},`;
  const { outputFiles } = await build({
    stdin: { contents: program.replace("'12345678',", here), resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
  });
  pages.set('/page.js', outputFiles[0]?.text ?? '');

  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(`${origin}/`);
  const chat = await simulator.consumer().startConversation({ message: 'hello' });
  expect((await chat.next({ timeoutMs: 20_000 })).text).toBe('echo: hello');
  await browser.close();
  server.close();
}, 60_000);
