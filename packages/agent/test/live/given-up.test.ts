import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { OutcomeUnknownError } from '@lp/core';
import { type RawConversation, RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;
let raw: RawConversation;
let agent: Agent;
let conversation: Conversation;

beforeEach(async () => {
  platform = await RawPlatform.start();
  raw = platform.open('d');
  agent = await platform.connect();
  conversation = agent.conversation('d');
});

afterEach(() => platform[Symbol.asyncDispose]());

/** The bytes of a file that never come. */
async function* stalled() {
  yield new Uint8Array(1);
  await new Promise(() => undefined);
}

describe('a call that is given up with an error of another request as the reason', () => {
  const reason = new OutcomeUnknownError('of another request');

  it('rejects with it, and leaves the dialog alone', async () => {
    platform.hooks.set('QueryMessages', () => 'silent');
    for (let n = 0; n < 5; n++) {
      const abort = new AbortController();
      const asked = platform.count('QueryMessages');
      const history = conversation.history({ signal: abort.signal });
      await until(() => platform.count('QueryMessages') > asked);
      abort.abort(reason);
      await expect(history).rejects.toBe(reason);
    }
    platform.hooks.clear();
    platform.say(raw, 'hello');
    expect((await conversation.history()).map(({ text }) => text)).toEqual(['hello']);
  });

  it('rejects while there is no connection', async () => {
    platform.hooks.set('QueryMessages', () => 'silent');
    const abort = new AbortController();
    const history = conversation.history({ signal: abort.signal });
    await until(() => platform.count('QueryMessages') > 0);
    platform.isUp = false;
    const status = agent.status();
    platform.cut();
    for await (const { type } of status) if (type === 'disconnected') break;
    abort.abort(reason);
    await expect(history).rejects.toBe(reason);
  });
});

describe('what waits', () => {
  it('is given up at once: a question whose history does not come', async () => {
    platform.hooks.set('QueryMessages', () => 'silent');
    const abort = new AbortController();
    const asking = conversation.ask('Well?', { signal: abort.signal });
    await until(() => platform.count('QueryMessages') > 0);
    abort.abort('enough');
    await expect(asking).rejects.toBe('enough');
  });

  it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['a text', (signal) => conversation.send('given up', { signal })],
    ['a confirmed text', (signal) => conversation.send('given up', { signal, confirm: true })],
    ['a text in pieces', (signal) => conversation.send('given up', { signal, deliver: 'paragraphs' })],
    ['a file', (signal) => conversation.uploadFile(new Uint8Array(1), { fileType: 'PNG', signal })],
  ])('is given up at once: %s behind a file that does not end; the others go on waiting', async (_, send) => {
    const [abort, file] = [new AbortController(), new AbortController()];
    const upload = conversation.uploadFile(stalled(), { fileType: 'PNG', signal: file.signal });
    const sent = send(abort.signal);
    const behind = conversation.send('behind');
    abort.abort('enough');
    await expect(sent).rejects.toBe('enough');
    await agent.getClock();
    expect(platform.said(raw)).toEqual([]);
    file.abort('no file');
    await expect(upload).rejects.toBe('no file');
    await behind;
    expect(platform.said(raw)).toEqual(['behind']);
  });

  it('does not hold a hand-off up', async () => {
    await agent.subscribeExConversations({ conversationId: 'd' });
    conversation.uploadFile(stalled(), { fileType: 'PNG' }).catch(() => undefined);
    platform.hooks.set('UpdateConversationField', () => ({
      after: () => {
        raw.mine = false;
        platform.tell(raw);
      },
    }));
    await conversation.handOff({ skillId: '9' }, { say: 'A colleague takes over.' });
    expect(platform.said(raw)).toEqual(['A colleague takes over.']);
  });
});

describe('a key', () => {
  const ways = {
    'a text': (key: string) => conversation.send('Welcome!', { key }),
    'a text by paragraphs': (key: string) => conversation.send('Welcome!', { key, deliver: 'paragraphs' }),
    'a text in pieces': (key: string) =>
      conversation.send(
        async function* () {
          yield 'Welcome!';
        },
        { key, typing: false },
      ),
  };
  const names = Object.keys(ways) as (keyof typeof ways)[];

  it.each(names.flatMap((one) => names.map((other) => [one, other] as const)))(
    'lets what is sent twice at once be said once: %s and %s',
    async (one, other) => {
      const [first, second] = await Promise.all([ways[one]('welcome'), ways[other]('welcome')]);
      expect(second.sequence).toBe(first.sequence);
      expect(platform.said(raw)).toEqual(['Welcome!']);
    },
  );

  it('of one’s own is never one that the library has made', async () => {
    platform.hooks.set('UpdateConversationField', () => ({
      after: () => {
        raw.mine = false;
        platform.tell(raw);
      },
    }));
    await agent.subscribeExConversations({ conversationId: 'd' });
    const long = 'word '.repeat(2_000);
    await conversation.send(long, { key: 'terms' });
    for (const key of ['terms-0', 'terms-1', 'summary', 'handoff']) await conversation.send(key, { key });
    const before = platform.said(raw).length;
    expect(before).toBe(6);
    await conversation.handOff('queue', { say: 'Goodbye.', summary: 'Wants help.' });
    expect(platform.said(raw).slice(before)).toEqual(['Goodbye.', 'Wants help.']);
  });
});
