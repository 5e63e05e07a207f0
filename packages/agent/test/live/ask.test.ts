import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Agent,
  ConfigError,
  type Conversation,
  createMemoryDialogStore,
  type DialogStore,
  NoAnswerError,
} from '@lp/agent';
import { createManualClock } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import type { SimulatedChat } from '@lp/simulator';
import * as z from 'zod';
import { accepted, startOnline, type TestPlatform } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: TestPlatform;
let agent: Agent;
let store: DialogStore;
let chat: SimulatedChat;
let conversation: Conversation;

beforeEach(async () => {
  store = createMemoryDialogStore();
  ({ agent, platform } = await startOnline({ store }));
  ({ chat, conversation } = await accepted(platform, agent));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const transcript = () =>
  chat.transcript.flatMap(({ event }) => (event.type === 'ContentEvent' ? [String(event['message'])] : []));

/** Waits until the bot has said this. */
async function heard(text: string): Promise<void> {
  while ((await chat.next()).text !== text);
}

/** Another program with the same login and store takes the conversation over. */
async function restart(): Promise<void> {
  await agent.close();
  agent = await platform.connect({ store });
  await agent.subscribeExConversations({ stage: ['OPEN'] });
  conversation = agent.conversation(chat.conversationId);
}

describe('ask()', () => {
  // verifies: ask:answer
  it('says a question and gives the next message, which the loop does not see', async () => {
    await chat.say('order');
    const seen: (string | undefined)[] = [];
    const running = (async () => {
      for await (const message of conversation.messages()) {
        seen.push(message.text);
        if (message.text === 'bye') return;
        const size = await conversation.ask('Which size?', { choices: ['S', 'M', 'L'] });
        await message.reply(`A ${size} it is.`);
      }
    })();
    await heard('Which size?');
    await chat.say(' m ');
    await heard('A M it is.');
    await chat.say('bye');
    await running;
    expect(seen).toEqual(['order', 'bye']);
    expect(transcript()).toEqual(['order', 'Which size?', ' m ', 'A M it is.', 'bye']);
  });

  // verifies: ask:choice
  it('tells a choice by the reply that was pressed', async () => {
    await chat.say('order');
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await messages.next();
    const asked = conversation.ask('Sure?', { choices: ['Yes', 'No'] });
    await heard('Sure?');
    await chat.click('No');
    expect(await asked).toBe('No');
  });

  // verifies: error:no-answer, ask:retry
  it('asks again until an answer counts, as the schema or the author says', async () => {
    await chat.say('order');
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await messages.next();
    const schema = z.coerce.number<string>().int('A whole number, please.');
    const asked = conversation.ask('How many?', { validate: schema });
    await heard('How many?');
    await chat.say('1.5');
    await heard('A whole number, please.');
    await chat.say('2');
    expect(await asked).toBe(2);
    const mail = conversation.ask('Your e-mail?', { validate: z.email(), retry: 'That is no address.', attempts: 2 });
    const refused = expect(mail).rejects.toMatchObject({
      name: 'NoAnswerError',
      code: 'NO_ANSWER',
      reason: 'attempts',
      retryable: false,
      answer: { text: 'still not' },
    });
    await heard('Your e-mail?');
    await chat.say('nope');
    await heard('That is no address.');
    await chat.say('still not');
    await refused;
  });

  // verifies: ask:before
  it('leaves what was said before the question to the loop, and is not handed its answer again after a restart', async () => {
    await chat.say('one');
    await chat.say('two');
    const messages = conversation.messages()[Symbol.asyncIterator]();
    expect((await messages.next()).value?.text).toBe('one');
    const asked = conversation.ask('Name?');
    await heard('Name?');
    await chat.say('Ann');
    expect(await asked).toBe('Ann');
    const second = (await messages.next()).value;
    expect(second?.text).toBe('two');
    const key = { agentId: agent.agentId, dialogId: chat.conversationId };
    expect(await store.load(key)).toMatchObject({ sequence: 0, ahead: [expect.any(Number)] });
    await restart();
    const again = conversation.messages()[Symbol.asyncIterator]();
    const rerun = (await again.next()).value;
    expect(rerun?.text).toBe('two');
    await chat.say('three');
    expect((await again.next()).value?.text).toBe('three');
    expect((await store.load(key))?.ahead).toEqual([]);
  });

  // verifies: ask:rerun
  it('finds its questions and their answers when the handler runs again', async () => {
    await chat.say('order');
    const body = async () => {
      const messages = conversation.messages()[Symbol.asyncIterator]();
      await messages.next();
      const size = await conversation.ask('Which size?', { choices: ['S', 'M'] });
      const count = await conversation.ask('How many?', { validate: (text) => z.coerce.number().parse(text) });
      return { size, count };
    };
    void body().catch(() => undefined);
    await heard('Which size?');
    await chat.say('XL');
    await heard('Which size?');
    await chat.say('S');
    await heard('How many?');
    await restart();
    await chat.say('3');
    expect(await body()).toEqual({ size: 'S', count: 3 });
    expect(transcript()).toEqual(['order', 'Which size?', 'XL', 'Which size?', 'S', 'How many?', '3']);
  });

  // verifies: ask:early
  it('asks before the loop once in the dialog, whatever restarts', async () => {
    await chat.say('hi');
    const asked = conversation.ask('Language?', { choices: ['English', 'Deutsch'] });
    await heard('Language?');
    await chat.say('deutsch');
    expect(await asked).toBe('Deutsch');
    const loop = conversation.messages()[Symbol.asyncIterator]();
    expect((await loop.next()).value?.text).toBe('hi');
    await chat.say('next');
    expect((await loop.next()).value?.text).toBe('next');
    await restart();
    expect(await conversation.ask('Language?', { choices: ['English', 'Deutsch'] })).toBe('Deutsch');
    expect((await conversation.messages()[Symbol.asyncIterator]().next()).value?.text).toBe('next');
    expect(transcript()).toEqual(['hi', 'Language?', 'deutsch', 'next']);
  });

  // verifies: ask:escape
  it('gives up in time, on a signal and when the consumer wants out; what comes then goes to the loop', async () => {
    await chat.say('order');
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await messages.next();
    await expect(conversation.ask('A?', { timeoutMs: 1 })).rejects.toMatchObject({ reason: 'timeout' });
    const abort = new AbortController();
    const aborted = conversation.ask('B?', { signal: abort.signal });
    const given = expect(aborted).rejects.toThrow('enough');
    await heard('B?');
    abort.abort(new Error('enough'));
    await given;
    const escaped = conversation.ask('C?', { escape: ({ text }) => text === 'agent please' });
    const left = expect(escaped).rejects.toMatchObject({ reason: 'escaped', answer: { text: 'agent please' } });
    await heard('C?');
    await chat.say('agent please');
    await left;
    expect((await messages.next()).value?.text).toBe('agent please');
  });

  it('gives up in time after an answer that does not count, though the clock of the machine was set back', async () => {
    const clock = createManualClock();
    const raw = await RawPlatform.start();
    const dialog = raw.open('d');
    const own = await raw.connect({ clock });
    await own.subscribeExConversations({ stage: ['OPEN'] });
    const asking = own.conversation('d').ask('A number?', { timeoutMs: 2_000, choices: ['1'] });
    let reason: unknown;
    asking.catch((error: unknown) => {
      reason = (error as NoAnswerError).reason;
    });
    for (const said of [1, 2]) {
      await until(() => raw.said(dialog).length === said);
      if (said === 2) clock.jump(-3_600_000);
      raw.say(dialog, 'none');
    }
    await until(() => raw.said(dialog).length === 3);
    for (let step = 0; step < 10 && reason === undefined; step++) {
      await own.getClock();
      await clock.advance(1_000);
    }
    expect(reason).toBe('timeout');
    await raw[Symbol.asyncDispose]();
  });

  it('ends with the conversation, and with the stream it belongs to', async () => {
    await chat.say('order');
    const messages = conversation.messages();
    await messages[Symbol.asyncIterator]().next();
    const stopped = conversation.ask('A?');
    const stopping = expect(stopped).rejects.toMatchObject({ reason: 'stopping' });
    await heard('A?');
    messages.close();
    await stopping;
    await restart();
    await conversation.messages()[Symbol.asyncIterator]().next();
    const ended = conversation.ask('B?');
    const over = Promise.all([
      expect(ended).rejects.toMatchObject({ reason: 'ended' }),
      expect(ended).rejects.toThrow(NoAnswerError),
    ]);
    await heard('B?');
    await chat.close();
    await over;
  });

  // verifies: ask:end
  it('is a normal end for serve when the conversation ends, and asks on where the next process serves', async () => {
    const stop = new AbortController();
    const failures: unknown[] = [];
    const handler = async (served: Conversation) => {
      for await (const message of served.messages()) {
        const name = await served.ask('Name?');
        await message.reply(`Hello ${name}`);
      }
    };
    const onError = ({ error }: { error: unknown }) => {
      failures.push(error);
      return 'skip' as const;
    };
    const serving = agent.serve(handler, { signal: stop.signal, onError });
    await chat.say('hi');
    await heard('Name?');
    stop.abort();
    await serving;
    const statuses: string[] = [];
    await restart();
    void (async () => {
      for await (const { type } of agent.status()) statuses.push(type);
    })();
    const again = new AbortController();
    const next = agent.serve(handler, { signal: again.signal, onError });
    await chat.say('Ann');
    await heard('Hello Ann');
    await chat.say('and');
    await heard('Name?');
    await chat.close();
    again.abort();
    await next;
    expect(transcript()).toEqual(['hi', 'Name?', 'Ann', 'Hello Ann', 'and', 'Name?']);
    expect(failures).toEqual([]);
    expect(statuses).not.toContain('handlerError');
  });

  // verifies: ask:one
  it('refuses a second question while one is open, and a loop that goes on', async () => {
    await chat.say('order');
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await messages.next();
    const open = conversation.ask('A?');
    open.catch(() => undefined);
    await heard('A?');
    await expect(conversation.ask('B?')).rejects.toThrow(/a question is open.*await it/);
    await expect(messages.next()).rejects.toThrow(ConfigError);
  });

  it('costs a publish each and a mark, and no query, while nothing fails', async () => {
    const stop = new AbortController();
    const begun = createDeferred<void>();
    const serving = agent.serve(
      async (served) => {
        for await (const message of served.messages()) {
          if (message.text === 'hi') begun.resolve();
          else for (const size of ['S?', 'M?', 'L?']) await served.ask(size, { choices: ['Yes', 'No'] });
          await message.reply(`${message.text}!`);
        }
      },
      { signal: stop.signal },
    );
    await chat.say('hi');
    await heard('hi!');
    await begun.promise;
    const since = platform.simulator.recentFrames.at(-1)?.number ?? 0;
    await chat.say('order');
    for (const size of ['S?', 'M?', 'L?']) {
      await heard(size);
      await chat.say('No');
    }
    await heard('order!');
    stop.abort();
    await serving;
    await agent.getClock();
    const later = platform.simulator.recentFrames.filter(
      ({ direction, number }) => direction === 'in' && number > since,
    );
    const count = (name: string) => later.filter(({ type }) => type === `.ams.ms.${name}`).length;
    expect(count('QueryMessages')).toBe(0);
    // Three questions and a reply, and at most one mark for each of the two messages that were handled.
    expect(count('PublishEvent')).toBeGreaterThanOrEqual(4);
    expect(count('PublishEvent')).toBeLessThanOrEqual(6);
  });

  it('takes a choice as a phone writes it', async () => {
    const asked = conversation.ask('Shall we?', { choices: ['Yes', "I don't know"] });
    await heard('Shall we?');
    await chat.say('I\u00a0don’t know');
    expect(await asked).toBe("I don't know");
  });

  it('asks nothing once the loop has ended', async () => {
    await chat.say('order');
    for await (const _ of conversation.messages()) break;
    await expect(conversation.ask('A?')).rejects.toMatchObject({ reason: 'stopping' });
    expect(transcript()).toEqual(['order']);
  });

  it.each([
    ['', {}],
    ['A?', { key: '' }],
    ['A?', { choices: [] }],
    ['A?', { choices: ['Yes', 'yes'] }],
    ['A?', { choices: [1, 2] }],
    ['A?', { attempts: 0 }],
    ['A?', { timeoutMs: -1 }],
    ['A?', { validate: 'text' }],
    ['A?', { retries: 2 }],
    ['A?', { choices: ['Yes'], validate: String }],
  ])('refuses %j with %j', async (question, options) => {
    await expect(conversation.ask(question, options as never)).rejects.toThrow(ConfigError);
  });

  it('gives what the choices, the schema or the function give', () => {
    const typed = async (): Promise<[('S' | 'M')[], number[], string[]]> => [
      [await conversation.ask('?', { choices: ['S', 'M'] })],
      [await conversation.ask('?', { validate: z.coerce.number() }), await conversation.ask('?', { validate: Number })],
      [await conversation.ask('?')],
    ];
    // @ts-expect-error 'L' is none of the choices
    const wrong = async (): Promise<'L'> => await conversation.ask('?', { choices: ['S', 'M'] });
    expect([typed, wrong]).toHaveLength(2);
  });
});
