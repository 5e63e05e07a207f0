import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createFileDialogStore, defineData } from '@lp/agent';
import * as z from 'zod';
import { accepted, startOnline, type TestPlatform } from '../support/platform.ts';
import { until } from '../support/raw-dialogs.ts';

const Kept = defineData({
  name: 'kept',
  version: 1,
  schema: z.object({ note: z.string() }),
  initial: () => ({ note: '' }),
});

let folder: string;
let platform: TestPlatform;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lp-kept-'));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

// verifies: threat:cursors, kept:data
it('what a handler keeps is in the store\u2019s file, for its owner alone, and no message is', async () => {
  const path = join(folder, 'bot.log');
  const started = await startOnline({ store: createFileDialogStore(path) });
  ({ platform } = started);
  const { conversation } = await accepted(platform, started.agent, { message: 'what the consumer says' });
  const loop = conversation.messages()[Symbol.asyncIterator]();
  await loop.next();
  (await conversation.data(Kept)).note = 'what the handler keeps';
  void loop.next();
  const content = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  await until(() => content().includes('what the handler keeps'));
  expect(content()).not.toContain('what the consumer says');
  expect(statSync(path).mode & 0o077).toBe(0);
});
