import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startSimulator } from '@lp/simulator';
import { environment, LONGEST_MS, PATIENCE } from '../examples/support.ts';
import { root, runProgram } from '../run-program.ts';
import { codeBlocks } from './documents.ts';

jest.setTimeout(LONGEST_MS);

// Below this package, so that a program finds the packages as a user's does.
const FOLDER = join(root, 'packages/e2e/node_modules/.cache/programs-of-guides');
beforeAll(() => void mkdirSync(FOLDER, { recursive: true }));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function programOf(text: string): string {
  const block = codeBlocks('docs/guides.md').find(({ language, code }) => language === 'js' && code.includes(text));
  if (!block) throw new Error(`docs/guides.md has no program with ${text}`);
  const path = join(FOLDER, `${text.replaceAll(/\W/g, '-')}.mjs`);
  writeFileSync(path, block.code);
  return path;
}

describe('the programs in docs/guides.md', () => {
  it('answer a press on a quick reply by its id', async () => {
    await using simulator = await startSimulator();
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    await runProgram(programOf('quickReplies'), {
      env: environment(simulator),
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toBe('What about your order?');
        await chat.click('Cancel it');
        expect((await chat.next(PATIENCE)).text).toBe('It is cancelled.');
        await chat.click('Where is it?');
        expect((await chat.next(PATIENCE)).text).toBe('It is on its way.');
      },
    });
  });

  it('take a webhook that is signed, and refuse one that is not', async () => {
    await runProgram(programOf('isSignedWebhook'), {
      env: { WEBHOOK_SECRET: 'app-secret', PORT: '0' },
      during: async ({ printed }) => {
        const [, port] = await printed(/listening (\d+)/);
        const url = `http://127.0.0.1:${port}/events`;
        expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
        await using simulator = await startSimulator({ webhooks: [{ url, secret: 'app-secret' }] });
        await simulator.consumer().startConversation({ message: 'hello' });
        await printed(/MessagingEventNotification/);
      },
    });
  });
});
