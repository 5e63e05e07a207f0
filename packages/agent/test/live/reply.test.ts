import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, type Conversation, createMemoryDialogStore, type Message, type SendOptions } from '@lp/agent';
import { ConfigError, RequestRejectedError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { first } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;

beforeEach(async () => {
  platform = await RawPlatform.start();
});

afterEach(() => platform[Symbol.asyncDispose]());

const idsOf = (raw: { readonly log: readonly { readonly metadata?: readonly unknown[] }[] }) =>
  raw.log.flatMap(({ metadata = [] }) => metadata.map((item) => (item as { id?: string }).id));

/** Serves until stopped. */
function serve(agent: Agent, body: (message: Message) => Promise<unknown>) {
  const stop = new AbortController();
  const served = agent.serve(
    async (conversation) => {
      for await (const message of conversation.messages()) await body(message);
    },
    { signal: stop.signal, drainTimeoutMs: 100 },
  );
  return async () => {
    stop.abort();
    await served;
  };
}

describe('message.reply()', () => {
  // verifies: answer:exactly-once, first:reply
  it('costs a live message one publish and at most one read mark, and no query', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    const stop = serve(agent, (message) => message.reply(`echo: ${message.text}`));
    await until(() => platform.count('QueryMessages') > 0);
    await agent.getClock();
    const queries = platform.count('QueryMessages');
    for (let n = 0; n < 5; n++) {
      platform.say(raw, `${n}`);
      await until(() => platform.said(raw).length === n + 1);
    }
    await stop();
    await agent.drain();
    expect(platform.said(raw)).toEqual(['echo: 0', 'echo: 1', 'echo: 2', 'echo: 3', 'echo: 4']);
    expect(platform.count('QueryMessages')).toBe(queries);
    expect(platform.count('PublishEvent')).toBeLessThanOrEqual(10);
    expect(idsOf(raw)).toContain('re-0-r0');
  });

  it('tells once that a message was read, when its body has told so itself', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    const stop = serve(agent, async (message) => {
      await message.markRead();
      await message.reply(`echo: ${message.text}`);
    });
    await until(() => platform.count('QueryMessages') > 0);
    await agent.getClock();
    for (let n = 0; n < 3; n++) {
      platform.say(raw, `${n}`);
      await until(() => platform.said(raw).length === n + 1);
    }
    await stop();
    await agent.drain();
    expect(platform.count('PublishEvent')).toBe(6);
  });

  // verifies: answer:exactly-once
  it('says nothing again after a crash between the answer and its mark, whatever it would say now, and asks nothing', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const dying = await platform.connect();
    const message = await first(dying.conversation('d').messages());
    expect(await message.reply('first words')).toMatchObject({ sequence: 1, repeated: false, outcome: 'complete' });
    dying.terminate();
    const next = await platform.connect();
    const before = platform.count('QueryMessages');
    const again = await first(next.conversation('d').messages());
    const queries = platform.count('QueryMessages') - before;
    expect(await again.reply('other words')).toEqual({
      sequence: 1,
      sequences: [1],
      text: 'first words',
      outcome: 'complete',
      repeated: true,
    });
    expect([platform.said(raw), platform.count('QueryMessages') - before]).toEqual([['first words'], queries]);
  });

  it('tells several answers to one message apart by their place, or by a key', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const say = async (agent: Agent) => {
      const message = await first(agent.conversation('d').messages());
      for (const content of ['same', 'same']) await message.reply(content);
      return await message.reply('keyed', { key: 'offer' });
    };
    await say(await platform.connect());
    expect((await say(await platform.connect())).repeated).toBe(true);
    expect(platform.said(raw)).toEqual(['same', 'same', 'keyed']);
    expect(idsOf(raw)).toEqual(['re-0-r0', 're-0-r1', 're-0-offer']);
  });

  it('recognises an answer by its words where the history leaves ids out', async () => {
    platform.keepsMetadata = false;
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const say = async (agent: Agent) => await (await first(agent.conversation('d').messages())).reply('same');
    await say(await platform.connect());
    expect((await say(await platform.connect())).repeated).toBe(true);
    expect(platform.said(raw)).toEqual(['same']);
  });

  it('splits a text that is too long, in order, and goes on with the same text after a crash between its parts', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const text = `${'a'.repeat(30)}\n\n${'b'.repeat(30)}\n\n${'c'.repeat(30)}`;
    const dying = await platform.connect();
    const message = await first(dying.conversation('d').messages());
    let sends = 0;
    platform.hooks.set('PublishEvent', () => (++sends === 2 ? { code: 400, body: 'no' } : undefined));
    await expect(message.reply(text, { maxLength: 32 })).rejects.toMatchObject({
      name: 'RequestRejectedError',
      context: { partsSent: 1, parts: 3 },
    });
    dying.terminate();
    const next = await platform.connect();
    const again = await first(next.conversation('d').messages());
    const said = await again.reply(text, { maxLength: 32 });
    expect(said).toMatchObject({ outcome: 'complete', repeated: false, sequences: [1, 2, 3] });
    expect(platform.said(raw)).toEqual(['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(30)]);
    expect(idsOf(raw)).toEqual(['re-0-r0.0', 're-0-r0.1', 're-0-r0.2.']);
    expect((await (await first((await platform.connect()).conversation('d').messages())).reply(text)).repeated).toBe(
      true,
    );
  });

  it('does not go on with another text than was begun', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const dying = await platform.connect();
    let sends = 0;
    platform.hooks.set('PublishEvent', () => (++sends === 2 ? { code: 400, body: 'no' } : undefined));
    const message = await first(dying.conversation('d').messages());
    await message.reply('one two', { maxLength: 4 }).catch(() => undefined);
    dying.terminate();
    const again = await first((await platform.connect()).conversation('d').messages());
    expect(await again.reply('three four', { maxLength: 6 })).toMatchObject({ outcome: 'cut', text: 'one' });
    expect(platform.said(raw)).toEqual(['one']);
  });

  it('is waited for by the loop when it was not awaited, and its failure is the body’s', async () => {
    const store = createMemoryDialogStore();
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    platform.say(raw, 'one');
    platform.say(raw, 'two');
    platform.hooks.set('PublishEvent', () => ({ code: 400, body: 'no' }));
    const inbox = agent.conversation('d').messages()[Symbol.asyncIterator]();
    void ((await inbox.next()).value as Message).reply('lost');
    await expect(inbox.next()).rejects.toThrow(RequestRejectedError);
    expect(await store.load({ agentId: agent.agentId, dialogId: 'd' })).toBeUndefined();
  });

  it('costs 500 recovered conversations no query besides those of their streams', async () => {
    const queriesOf = async (id: string, answers: boolean): Promise<number> => {
      platform.conversations.clear();
      for (let n = 0; n < 500; n++) platform.say(platform.open(`${id}-${n}`), 'hi');
      const before = platform.count('QueryMessages');
      let handled = 0;
      const agent = await platform.connect();
      await agent.setAgentState({ availability: 'ONLINE' });
      const stop = serve(agent, async (message) => {
        if (answers) await message.reply('hello');
        handled++;
      });
      await until(() => handled === 500);
      await stop();
      return platform.count('QueryMessages') - before;
    };
    const streams = await queriesOf('silent', false);
    expect(await queriesOf('answered', true)).toBe(streams);
    expect(platform.count('PublishEvent')).toBeGreaterThanOrEqual(500);
  }, 120_000);

  it('that is refused names the conversation', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'hi');
    const agent = await platform.connect();
    const { value } = await agent.conversation('d').messages()[Symbol.asyncIterator]().next();
    platform.close(raw);
    const refused = expect((value as Message).reply('too late')).rejects;
    await refused.toMatchObject({
      message: expect.stringContaining('(conversation d)'),
      context: { conversationId: 'd' },
    });
  });

  it('whose failure was caught is no failure of the body', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    platform.say(raw, 'one');
    platform.say(raw, 'two');
    platform.hooks.set('PublishEvent', ({ body }) => (body.event.type === 'ContentEvent' ? { code: 400 } : undefined));
    const inbox = agent.conversation('d').messages()[Symbol.asyncIterator]();
    await ((await inbox.next()).value as Message).reply('lost').catch(() => undefined);
    expect((await inbox.next()).value?.text).toBe('two');
  });

  it('shows structured content, and buttons on the last part', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const message = await first(agent.conversation('d').messages());
    const content = { type: 'vertical', elements: [{ type: 'text', text: 'card' }] } as const;
    await message.reply(content as never);
    const replies = [
      { type: 'button', title: 'Yes', click: { actions: [{ type: 'publishText', text: 'Yes' }] } },
    ] as const;
    await message.reply('one two', { maxLength: 4, quickReplies: { type: 'quickReplies', replies } as never });
    const shown = raw.log.slice(1).map(({ event }) => [event.type, 'quickReplies' in event]);
    expect(shown).toEqual([
      ['RichContentEvent', false],
      ['ContentEvent', false],
      ['ContentEvent', true],
    ]);
  });

  it.each([{ maxLength: 0 }, { maxLength: 8_001 }, { key: '' }, { quickReply: {} } as never])(
    'refuses the options %j',
    async (options) => {
      const agent = await platform.connect();
      platform.say(platform.open('d'), 'hello');
      const message = await first(agent.conversation('d').messages());
      await expect(message.reply('hi', options)).rejects.toThrow(ConfigError);
    },
  );

  it('names its message the same in every process, and knows its own', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    await agent.conversation('d').send('mine');
    const all = await agent.conversation('d').history();
    expect(all.map(({ id, isMe }) => [id, isMe])).toEqual([
      ['d:0', false],
      ['d:1', true],
    ]);
  });
});

describe('conversation.send()', () => {
  it('with a key says something once in a dialog, whatever restarts', async () => {
    const raw = platform.open('d');
    for (let n = 0; n < 3; n++) {
      const agent = await platform.connect();
      const { sequence } = await agent.conversation('d').send('Welcome!', { key: 'welcome' });
      expect(sequence).toBe(0);
      platform.say(raw, `${n}`);
      await agent.close();
    }
    expect(platform.said(raw)).toEqual(['Welcome!']);
  });

  it('splits a text over 8,000 characters, in order, and says how many parts were sent when one fails', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    const text = Array.from({ length: 4 }, (_, n) => `${n} ${'x'.repeat(4_000)}.`).join(' ');
    await agent.conversation('d').send(text);
    expect(platform.said(raw)).toHaveLength(4);
    expect(platform.said(raw).join(' ')).toBe(text);
    let sends = 0;
    platform.hooks.set('PublishEvent', () => (++sends === 3 ? { code: 400 } : undefined));
    await expect(agent.conversation('d').send(text)).rejects.toMatchObject({ context: { partsSent: 2, parts: 4 } });
  });

  it('keeps the order of the calls when one is lost and confirmed meanwhile', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    let sends = 0;
    platform.hooks.set('PublishEvent', (_, socket) => {
      if (++sends !== 2) return undefined;
      socket.terminate();
      return 'silent';
    });
    const conversation = agent.conversation('d');
    const all = ['a', 'b', 'c'].map((text) => conversation.send(text, { confirm: true }));
    await Promise.all([...all, conversation.send('d')]);
    expect(platform.said(raw)).toEqual(['a', 'b', 'c', 'd']);
  });

  const ends: [string, (conversation: Conversation) => Promise<unknown>][] = [
    ['close', (conversation) => conversation.close()],
    ['closeDialog', (conversation) => conversation.closeDialog()],
    ['transferToSkill', (conversation) => conversation.transferToSkill('7')],
    ['transferToAgent', (conversation) => conversation.transferToAgent('43')],
    ['backToQueue', (conversation) => conversation.backToQueue()],
    ['leave', (conversation) => conversation.leave()],
  ];

  it.each(ends)('lets a goodbye that is not awaited arrive before %s', async (_, end) => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    const conversation = agent.conversation('d');
    await first(conversation.changes());
    const byes: SendOptions[] = [{ confirm: true }, { key: 'bye' }, { dialogId: 'd-survey', confirm: true }, {}];
    raw.survey = 'OPEN';
    platform.tell(raw);
    await until(() => conversation.details.dialogs.length === 2);
    for (const options of byes) {
      const from = platform.requests.length;
      const said = conversation.send('bye', options).catch(() => undefined);
      await Promise.all([said, end(conversation)]);
      const types = platform.requests.slice(from).map(({ type }) => type);
      expect(types.filter((type) => /Publish|Update/.test(type))).toEqual(['PublishEvent', 'UpdateConversationField']);
    }
  });

  it('keeps changes of the conversation in their place when a send before them is lost and confirmed meanwhile', async () => {
    const agent = await platform.connect();
    platform.open('d');
    const arrived: unknown[] = [];
    platform.hooks.set('PublishEvent', ({ body }, socket) => {
      arrived.push(body.event['message']);
      if (arrived.length > 1) return undefined;
      socket.terminate();
      return 'silent';
    });
    platform.hooks.set('UpdateConversationField', ({ body }) => {
      arrived.push(JSON.stringify(body).includes('Note') ? 'note' : 'close');
      return undefined;
    });
    const conversation = agent.conversation('d');
    await Promise.all([
      conversation.send('a', { confirm: true }),
      conversation.setNote('asks for a refund'),
      conversation.send('b'),
      conversation.send('c', { confirm: true }),
      conversation.close(),
    ]);
    expect(arrived).toEqual(['a', 'a', 'note', 'b', 'c', 'close']);
  });

  it('lets a bot leave although a send before that cannot be confirmed', async () => {
    const agent = await platform.connect();
    platform.open('d');
    platform.hooks.set('PublishEvent', () => 'silent');
    const conversation = agent.conversation('d');
    const lost = conversation.send('bye', { confirm: true }).catch(() => 'lost');
    const close = { field: 'ConversationStateField', conversationState: 'CLOSE' } as const;
    const given = conversation.update(close, { signal: AbortSignal.timeout(5) });
    await expect(given).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(conversation.update(close, { signal: 'soon' as never })).rejects.toThrow(ConfigError);
    expect(platform.count('UpdateConversationField')).toBe(0);
    await conversation.update(close, { timeoutMs: 20 });
    expect(platform.count('UpdateConversationField')).toBe(1);
    await agent.close();
    expect(await lost).toBe('lost');
  });

  it('says two equal answers to one message twice, and neither again in the next run', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const say = async () => {
      const conversation = (await platform.connect()).conversation('d');
      const message = await first(conversation.messages());
      return [
        await conversation.send('…', { inReplyTo: message }),
        await conversation.send('…', { inReplyTo: message }),
      ];
    };
    const run = await say();
    expect(new Set(run.map(({ sequence }) => sequence)).size).toBe(2);
    expect(await say()).toEqual(run);
    expect(platform.said(raw)).toEqual(['…', '…']);
  });
});

describe('conversation.send() in reply to a message, after the same has failed', () => {
  const places: [string, (message: Message) => Pick<Message, 'dialogId' | 'sequence' | 'recovered'>][] = [
    ['a message', (message) => message],
    ['a place', ({ dialogId, sequence, recovered }) => ({ dialogId, sequence, recovered })],
  ];

  it.each(places)('finds what was given up on its way, in reply to %s', async (_, placeOf) => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const conversation = (await platform.connect()).conversation('d');
    const message = await first(conversation.messages());
    platform.hooks.set('PublishEvent', (request) => {
      platform.hooks.delete('PublishEvent');
      platform.publish(request);
      return 'silent';
    });
    const abort = new AbortController();
    const givenUp = conversation.send('…', { inReplyTo: placeOf(message), signal: abort.signal });
    await until(() => platform.said(raw).length === 1);
    abort.abort(new Error('too slow'));
    await expect(givenUp).rejects.toThrow('too slow');
    expect(await conversation.send('…', { inReplyTo: placeOf(message) })).toEqual({ sequence: 1 });
    expect(platform.said(raw)).toEqual(['…']);
  });

  it('says it under the id of what was refused, and once', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const conversation = (await platform.connect()).conversation('d');
    const message = await first(conversation.messages());
    const ids: unknown[] = [];
    platform.hooks.set('PublishEvent', ({ metadata }) => {
      ids.push((metadata as { type: string; id?: string }[]).find(({ type }) => type === 'ExternalId')?.id);
      return ids.length === 1 ? { code: 400, body: 'no' } : undefined;
    });
    await expect(conversation.send('…', { inReplyTo: message })).rejects.toThrow(RequestRejectedError);
    await conversation.send('…', { inReplyTo: message });
    expect(new Set(ids).size).toBe(1);
    expect(platform.said(raw)).toEqual(['…']);
  });
});

describe('conversation.send() in reply to a message that is named by its place alone', () => {
  async function* pieces() {
    yield await Promise.resolve('…');
  }
  const ways: [string, (conversation: Conversation, options: SendOptions) => Promise<{ sequence: number }>][] = [
    ['a text', (conversation, options) => conversation.send('…', options)],
    ['a text in pieces', (conversation, options) => conversation.send(pieces, { ...options, typing: false })],
  ];

  it.each(ways)('says %s twice when it is sent twice, and neither again in the next run or loop', async (_, send) => {
    const raw = platform.open('d');
    platform.say(raw, 'hello');
    const say = async (conversation: Conversation) => {
      const said = [];
      for (let n = 0; n < 2; n++) {
        // From JSON each time, as a queue gives it.
        const inReplyTo = { dialogId: 'd', sequence: 0, recovered: true };
        said.push((await send(conversation, { inReplyTo })).sequence);
      }
      return said;
    };
    const conversation = (await platform.connect()).conversation('d');
    const run = await say(conversation);
    expect(platform.said(raw)).toEqual(['…', '…']);
    await first(conversation.messages());
    expect(await say(conversation)).toEqual(run);
    expect(await say((await platform.connect()).conversation('d'))).toEqual(run);
    expect(platform.said(raw)).toEqual(['…', '…']);
  });
});

describe('conversation.history()', () => {
  it.each(['oldest', 'newest'] as const)(
    'gives what was said last by all, from pages that come %s first',
    async (from) => {
      platform.pagesFrom = from;
      platform.pageSize = 3;
      const agent = await platform.connect();
      const raw = platform.open('d');
      for (let n = 0; n < 10; n++) platform.say(raw, `${n}`);
      await agent.conversation('d').sendPrivate('note');
      const texts = async (options = {}) => (await agent.conversation('d').history(options)).map(({ text }) => text);
      expect(await texts({ last: 4 })).toEqual(['7', '8', '9', 'note']);
      expect(await texts({ last: 4, before: 6 })).toEqual(['2', '3', '4', '5']);
      expect(await texts({ last: 4, before: 2 })).toEqual(['0', '1']);
      expect(await texts()).toHaveLength(11);
      expect((await agent.conversation('d').history({ last: 1 }))[0]?.audience).toBe('AGENTS_AND_MANAGERS');
    },
  );

  it.each([{ last: 0 }, { before: -1 }, { lst: 1 } as never])('refuses the options %j', async (options) => {
    const agent = await platform.connect();
    await expect(agent.conversation('d').history(options)).rejects.toThrow(ConfigError);
  });
});

describe('a confirmed send beside one that is too large', () => {
  it('arrives, although the connection broke while it asked where the dialog is', async () => {
    const agent = await platform.connect();
    platform.open('d');
    platform.hooks.set('PublishEvent', ({ body }, socket) => {
      if (body.event['message'] !== 'large') return undefined;
      socket.close(1009);
      return 'silent';
    });
    platform.hooks.set('QueryMessages', () => (platform.upgrades === 1 ? 'silent' : undefined));
    const conversation = agent.conversation('d');
    const [large, small] = await Promise.allSettled([
      conversation.send('large'),
      conversation.send('small', { confirm: true }),
    ]);
    const reason = {
      code: 'REQUEST_REJECTED',
      retryable: false,
      message: expect.stringContaining('send less at a time'),
    };
    expect(large).toMatchObject({ status: 'rejected', reason });
    expect(small).toMatchObject({ status: 'fulfilled' });
    expect(platform.conversations.get('d')?.log.map(({ event }) => event['message'])).toEqual(['small']);
  });
});

describe('a dialog whose history breaks the connection', () => {
  // verifies: durable:breaking-query, durable:pages
  it('is left alone after a while, and the others go on', async () => {
    const agent = await platform.connect();
    const giant = platform.open('giant');
    const small = platform.open('small');
    platform.say(giant, 'huge', { push: false });
    platform.hooks.set('QueryMessages', ({ body }, socket) => {
      if (body.dialogId !== 'giant') return undefined;
      socket.terminate();
      return 'silent';
    });
    const failing = first(agent.conversation('giant').messages());
    const heard = createDeferred<string | undefined>();
    void first(agent.conversation('small').messages(), ({ text }) => text === 'last').then(({ text }) =>
      heard.resolve(text),
    );
    await expect(failing).rejects.toThrow(/history of dialog giant cannot be read.*maxPayloadBytes/);
    const { upgrades } = platform;
    platform.say(small, 'last');
    expect(await heard.promise).toBe('last');
    expect(platform.upgrades).toBe(upgrades);
  });

  // verifies: durable:pages
  it.each(['oldest', 'newest'] as const)(
    'is read in pages that come %s first, and none is asked for without a quantity',
    async (from) => {
      platform.pagesFrom = from;
      platform.pageSize = 7;
      const agent = await platform.connect();
      const raw = platform.open('d');
      for (let n = 0; n < 60; n++) platform.say(raw, `${n}`, { push: false });
      const read: (string | undefined)[] = [];
      for await (const { text } of agent.conversation('d').messages()) if (read.push(text) === 60) break;
      expect(read).toEqual(Array.from({ length: 60 }, (_, n) => `${n}`));
      const queries = platform.requests.filter(({ type }) => type === 'QueryMessages');
      expect(queries.every(({ request }) => (request.body.maxQuantity ?? 0) > 0)).toBe(true);
    },
  );

  // verifies: durable:pages
  it.each(['queryMessages', 'subscribeMessagingEvents'] as const)(
    'is never asked for without a quantity by %s either, which reads to the end',
    async (method) => {
      const agent = await platform.connect({ maxPayloadBytes: 360_000 });
      const raw = platform.open('d');
      for (let n = 0; n < 35; n++) platform.say(raw, `${n}`, { push: false });
      const replayed: number[] = [];
      const events = agent.messagingEvents();
      const replaying = (async () => {
        for await (const { sequence } of events) if (replayed.push(sequence ?? -1) === 35) break;
      })();
      const found = await agent[method]({ dialogId: 'd' });
      if (method === 'subscribeMessagingEvents') await replaying;
      const all = Array.from({ length: 35 }, (_, n) => n);
      expect(found?.map(({ sequence }) => sequence) ?? replayed).toEqual(all);
      const queries = platform.requests.filter(({ type }) => type === 'QueryMessages');
      expect(queries.map(({ request }) => request.body.maxQuantity)).toEqual([10, 10, 10, 10, 10]);
    },
  );
});
