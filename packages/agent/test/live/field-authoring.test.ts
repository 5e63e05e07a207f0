import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, type Conversation, createMemoryDialogStore, defineData, type Message } from '@lp/agent';
import { createDeferred } from '@lp/core/internal';
import type { SimulatedChat } from '@lp/simulator';
import * as z from 'zod';
import { first, startPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;
let conversation: Conversation;

beforeEach(async () => {
  platform = await startPlatform({ quirks: { ringReofferMs: 5 } });
  agent = await platform.connect({ store: createMemoryDialogStore() });
  await agent.setAgentState({ availability: 'ONLINE' });
  const rings = agent.rings();
  chat = await platform.simulator.consumer().startConversation();
  await agent.subscribeExConversations({ stage: ['OPEN'] });
  await (await first(rings)).accept();
  conversation = agent.conversation(chat.conversationId);
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

/** What was said, by both. */
const transcript = () => chat.transcript.map(({ text = '(no text)' }) => text);

/** Waits until the bot has said this. */
async function heard(text: string): Promise<void> {
  while ((await chat.next()).text !== text);
}

/** Opens the loop with a message of the consumer's. */
async function begin(text = 'order'): Promise<Message> {
  await chat.say(text);
  return (await conversation.messages()[Symbol.asyncIterator]().next()).value as Message;
}

describe('what was reported of questions elsewhere', () => {
  it('a check that says something itself keeps nobody from asking again', async () => {
    await begin();
    const asked = conversation.ask('Your mail?', {
      validate: async (text) => {
        await conversation.send(`Let me see whether ${text} exists.`);
        if (text !== 'ann@example.com') throw new Error('unknown');
        return text;
      },
      retry: 'It does not exist.',
    });
    await heard('Your mail?');
    await chat.say('an@example.com');
    await heard('It does not exist.');
    await chat.say('ann@example.com');
    expect(await asked).toBe('ann@example.com');
    expect(transcript()).toEqual([
      'order',
      'Your mail?',
      'an@example.com',
      'Let me see whether an@example.com exists.',
      'It does not exist.',
      'ann@example.com',
      'Let me see whether ann@example.com exists.',
    ]);
  });

  it('the words to ask again are said after each answer that does not count, with the buttons', async () => {
    await begin();
    const asked = conversation.ask('Which size?', { choices: ['S', 'M'], attempts: 4, retry: 'S or M, please.' });
    await heard('Which size?');
    for (const answer of ['XL', 'XL', 'XL']) {
      await chat.say(answer);
      const { event, text } = await chat.next();
      const { replies } = event['quickReplies'] as { replies: { title: string }[] };
      expect([text, ...replies.map(({ title }) => title)]).toEqual(['S or M, please.', 'S', 'M']);
    }
    // Typed where buttons are shown.
    await chat.say(' m ');
    expect(await asked).toBe('M');
  });

  it('a file where a text is asked for, also while the bot shows that it types, is asked for again', async () => {
    await begin();
    const asked = conversation.withTyping(() => conversation.ask('Your name?', { retry: 'In words, please.' }));
    await heard('Your name?');
    await chat.sendFile(Buffer.from('bytes'), { fileType: 'PNG', caption: 'me' });
    await heard('In words, please.');
    await chat.say('Ann');
    expect(await asked).toBe('Ann');
  });

  it('a time that is over is told although answers come that do not count', async () => {
    await begin();
    const asked = conversation.ask('How many?', {
      validate: z.coerce.number<string>(),
      timeoutMs: 200,
      attempts: 1_000,
    });
    const refused = expect(asked).rejects.toMatchObject({ reason: 'timeout' });
    let isOver = false;
    const pester = (async () => {
      while (!isOver) {
        await chat.say('many');
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await refused;
    isOver = true;
    await pester;
  });

  it('several questions in a row, and one in a function that is called again, each get their own answer', async () => {
    await begin();
    const name = async (): Promise<string> => await conversation.ask('Name?');
    const asked = (async () => [await name(), await name(), await name()])();
    for (const answer of ['Ann', 'Bob', 'Cy']) {
      await heard('Name?');
      await chat.say(answer);
    }
    expect(await asked).toEqual(['Ann', 'Bob', 'Cy']);
  });

  it('a wish to get out is handed to the loop, though it is said to a question behind others', async () => {
    await chat.say('order');
    const texts: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const message of conversation.messages()) {
        texts.push(message.text);
        if (message.text === 'agent') return;
        const escape = ({ text }: Message) => text === 'agent';
        await conversation.ask('Size?', { escape });
        await conversation.ask('Colour?', { escape }).catch(() => undefined);
      }
    })();
    await heard('Size?');
    await chat.say('M');
    await heard('Colour?');
    await chat.say('agent');
    await reading;
    expect(texts).toEqual(['order', 'agent']);
  });
});

describe('what was reported of sessions elsewhere', () => {
  const Count = defineData({
    name: 'count',
    version: 1,
    schema: z.object({ n: z.number() }),
    initial: () => ({ n: 0 }),
  });

  it('messages that come at the same time lose no change of each other', async () => {
    const loop = (async () => {
      for await (const message of conversation.messages()) {
        const count = await conversation.data(Count);
        const before = count.n;
        await new Promise((resolve) => setImmediate(resolve));
        count.n = before + 1;
        if (message.text === 'last') return await message.reply(`${count.n}`);
      }
      return undefined;
    })();
    await Promise.all(['1', '2', '3', '4'].map((text) => chat.say(text)));
    await chat.say('last');
    expect(await loop).toMatchObject({ text: '5' });
  });
});

describe('what was reported of answers elsewhere', () => {
  it('a model that fails half-way is told, and the whole is not counted as said', async () => {
    const message = await begin();
    const failure = new Error('rate limited');
    const source = async function* () {
      yield 'Half an ans';
      throw failure;
    };
    await expect(message.reply(source())).rejects.toBe(failure);
    expect(await message.reply('Sorry.')).toMatchObject({ repeated: false });
    expect(transcript()).toEqual(['order', 'Sorry.']);
  });

  it('one that is far too long, without a blank, and of emoji, arrives whole and in order', async () => {
    const message = await begin();
    const text = '👩‍👩‍👧‍👦'.repeat(2_000);
    const { sequences } = await message.reply(text);
    expect(sequences.length).toBeGreaterThan(2);
    expect(transcript().slice(1).join('')).toBe(text);
    const graphemes = new Set(
      transcript()
        .slice(1)
        .flatMap((part) => [...new Intl.Segmenter().segment(part)].map(({ segment }) => segment)),
    );
    expect([...graphemes]).toEqual(['👩‍👩‍👧‍👦']);
  });

  it('what was under way when the conversation is handed over is heard before that or never', async () => {
    const message = await begin('agent');
    const begun = createDeferred<void>();
    const slow = message.reply(async function* ({ signal }: { readonly signal: AbortSignal }) {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield 'too late';
    });
    slow.catch(() => undefined);
    await begun.promise;
    await conversation.handOff({ skillId: '42' }, { say: 'A colleague takes over.' });
    await expect(slow).rejects.toMatchObject({ code: 'NOT_IN_CONVERSATION' });
    await expect(message.reply('and another thing')).rejects.toMatchObject({ code: 'NOT_IN_CONVERSATION' });
    expect(transcript()).toEqual(['agent', 'A colleague takes over.']);
  });
});
