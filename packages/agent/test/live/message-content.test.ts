import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { quickReplies } from '@lp/agent/content';
import { ConfigError } from '@lp/core';
import type { SimulatedChat } from '@lp/simulator';
import { holdsItself, nested } from '../support/odd-content.ts';
import { accepted, first, startOnline, type TestPlatform } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;
let conversation: Conversation;

beforeEach(async () => {
  ({ agent, platform } = await startOnline());
  ({ chat, conversation } = await accepted(platform, agent, { message: 'hi' }));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

describe('a consumer who signs in', () => {
  // verifies: status:consumer-changed
  it('is told as a status, and is the consumer from then on', async () => {
    const from = conversation.consumerId as string;
    const other = await platform.simulator.consumer().startConversation();
    const seen = () => agent.conversation(other.conversationId).consumerId;
    while (seen() === undefined) await new Promise(setImmediate);
    const to = seen() as string;
    const changed = first(agent.status(), ({ type }) => type === 'consumerChanged');
    const consumer = { field: 'ParticipantsChange', role: 'CONSUMER' } as const;
    const [remove, add] = [
      { ...consumer, type: 'REMOVE', userId: from },
      { ...consumer, type: 'ADD', userId: to },
    ];
    await conversation.update([remove, add] as never);
    expect(await changed).toMatchObject({ conversationId: chat.conversationId, from, to });
    expect(conversation.consumerId).toBe(to);
  });
});

describe('a message with a field that cannot be read', () => {
  // verifies: status:invalid-field
  it('is delivered without it, pushed or from the history, and the field is told once', async () => {
    await using raw = await RawPlatform.start();
    const odd = await raw.connect();
    const told: object[] = [];
    void (async () => {
      for await (const event of odd.status()) if (event.type === 'invalidFrame') told.push(event);
    })();
    const dialog = raw.open('d');
    const push = (text: string, field: object) => raw.push({ ...raw.say(dialog, text, { push: false }), ...field });
    const heard: unknown[] = [];
    void odd.serve(async (opened) => {
      for await (const { text } of opened.messages()) heard.push(text);
    });
    await until(() => raw.requests.some(({ type }) => type === 'QueryMessages'));
    push('one', { serverTimestamp: 'soon' });
    push('two', { serverTimestamp: {} });
    push('three', { originatorId: [{}], metadata: 'x' });
    await until(() => heard.length === 3);
    expect(heard).toEqual(['one', 'two', 'three']);
    await until(() => told.length === 2);
    expect(told).toMatchObject([
      { reason: 'field', issues: [{ path: 'serverTimestamp', expected: 'number' }], count: 0 },
      { reason: 'field' },
    ]);
  });
});

describe('a message', () => {
  // verifies: content:press
  it('tells which reply was pressed, by its id', async () => {
    const replies = quickReplies([{ title: 'Ja', id: 'yes', say: 'Ja, bitte' }]);
    await conversation.send('Sure?', { quickReplies: replies });
    await chat.next();
    await chat.click('Ja');
    const pressed = await first(conversation.messages(), ({ text }) => text === 'Ja, bitte');
    expect(pressed.click).toMatchObject({ id: 'yes', metadata: [{ type: 'ExternalId', id: 'yes' }] });
    expect((await conversation.history({ last: 9 }))[0]?.click).toBeUndefined();
  });

  it('takes a list of titles for quick replies, in every way to say something', async () => {
    const options = { quickReplies: ['Yes', 'No'] };
    await conversation.send('One?', options);
    await (await first(conversation.messages())).reply('Two?', options);
    await conversation.sendRichContent({ type: 'text', text: 'Three?' } as never, options);
    const titles = ({ event }: { event: Readonly<Record<string, unknown>> }) =>
      (event['quickReplies'] as { replies: { title: string }[] } | undefined)?.replies.map(({ title }) => title);
    const shown = [await chat.next(), await chat.next(), await chat.next()].map(titles as never);
    expect(shown).toEqual([
      ['Yes', 'No'],
      ['Yes', 'No'],
      ['Yes', 'No'],
    ]);
    await expect(conversation.send('Four?', { quickReplies: ['x'.repeat(40)] })).rejects.toThrow(/reply 1 has a title/);
  });

  it('has the file that was sent, and its bytes', async () => {
    await chat.sendFile(new Uint8Array([1, 2, 3]), { fileType: 'PDF', caption: 'A bill' });
    const message = await first(conversation.messages(), ({ file }) => file !== undefined);
    expect(message.file).toMatchObject({ fileType: 'PDF', caption: 'A bill' });
    expect([...((await message.file?.download()) ?? [])]).toEqual([1, 2, 3]);
  });
});

describe('content that JSON has no form for', () => {
  const text = (fields: object) => ({ type: 'vertical', elements: [{ type: 'text', text: 'x', fields }] }) as never;
  const broken = {
    get z() {
      throw new Error('boom');
    },
  };

  it.each<[string, () => Promise<unknown>]>([
    ['a card that holds itself', () => conversation.sendRichContent(holdsItself())],
    ['cards thousands deep', () => conversation.sendRichContent(nested(20_000))],
    ['a BigInt', () => conversation.sendRichContent(text({ size: 1n }))],
    ['a field that throws when it is read', () => conversation.sendRichContent(text(broken))],
    ['metadata that hold themselves', () => conversation.send('x', { metadata: [holdsItself()] as never })],
    ['metadata with a BigInt', () => conversation.send('x', { metadata: [{ type: 'New', size: 1n }] as never })],
    ['metadata that throw', () => conversation.send('x', { metadata: [{ type: 'New', broken }] as never })],
    [
      'an answer that holds itself',
      () =>
        conversation.sendRichContent(holdsItself(), {
          inReplyTo: { dialogId: chat.conversationId, sequence: 0, recovered: false },
        }),
    ],
  ])('is refused before anything is sent: %s', async (_name, send) => {
    const error = await (async () => await send())().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(
      /at most 15000 characters as JSON|cannot be written as JSON: nothing in it/,
    );
  });

  it('does not keep fields from going out that are called like what every object has', async () => {
    const odd = JSON.parse('{"type":"text","text":"x","constructor":"Ferrari","__proto__":"a"}') as object;
    const { sequence } = await conversation.sendRichContent({ type: 'vertical', elements: [odd] } as never);
    await expect(
      conversation.send('x', { metadata: [{ ...odd, type: 'ExternalId', id: '1' }] as never }),
    ).resolves.toEqual({
      sequence: sequence + 1,
    });
  });
});
