import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, type AnswerTo, type Message, NotInConversationError, type ReplyOptions } from '@lp/agent';
import { ClosedError, ConfigError, createManualClock } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { first } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;

beforeEach(async () => {
  platform = await RawPlatform.start();
});

afterEach(() => platform[Symbol.asyncDispose]());

const paragraphs = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(220));
const whole = paragraphs.join('\n\n');

/** A source that gives these pieces, and notes what becomes of it. */
class Pieces implements AsyncIterable<string> {
  returned = 0;
  given = 0;
  readonly #pieces: readonly string[];
  readonly #end: (index: number) => Promise<unknown> | undefined;

  constructor(pieces: readonly string[], atEnd: (index: number) => Promise<unknown> | undefined = () => undefined) {
    this.#pieces = pieces;
    this.#end = atEnd;
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: async () => {
        await this.#end(this.given);
        const value = this.#pieces[this.given++];
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => {
        this.returned++;
        return { done: true, value: undefined };
      },
    };
  }
}

const never = () => new Promise<never>(() => undefined);
const words = (raw: ReturnType<RawPlatform['open']>) => platform.said(raw).filter((text) => text !== undefined);
const typing = (raw: ReturnType<RawPlatform['open']>) => raw.log.map(({ event }) => event['chatState']).filter(Boolean);
const idsOf = (raw: ReturnType<RawPlatform['open']>) =>
  raw.log.flatMap(({ metadata = [] }) => metadata.map((item) => (item as { id?: string }).id));

async function handed(agent: Agent): Promise<Message> {
  const { value } = await agent.conversation('d').messages()[Symbol.asyncIterator]().next();
  return value as Message;
}

function ask() {
  const raw = platform.open('d');
  platform.say(raw, 'hello');
  return raw;
}

async function answer(content: AnswerTo, options?: ReplyOptions) {
  return await (await handed(await platform.connect())).reply(content, options);
}

describe('a reply that comes in pieces', () => {
  // verifies: stream:whole
  it('is gathered and said as one message, while typing shows', async () => {
    const raw = ask();
    const said = await answer(new Pieces(['Hel', 'lo ', 'there']));
    expect(said).toMatchObject({ text: 'Hello there', outcome: 'complete', repeated: false });
    await until(() => typing(raw).length === 2);
    expect([words(raw), typing(raw)]).toEqual([['Hello there'], ['COMPOSING', 'ACTIVE']]);
    expect(idsOf(raw)).toEqual(['re-0-r0']);
  });

  it('shows no typing when told so, nor when the consumer is not to see it', async () => {
    const raw = ask();
    const message = await handed(await platform.connect());
    await message.reply(new Pieces(['one']), { typing: false });
    await message.reply(new Pieces(['two']), { audience: 'AGENTS_AND_MANAGERS' });
    await message.reply('last');
    expect([words(raw), typing(raw)]).toEqual([['one', 'two', 'last'], []]);
  });

  it('shows typing at once and every 8 seconds, and leaves no timer', async () => {
    const clock = createManualClock();
    const raw = ask();
    const agent = await platform.connect({ clock });
    const message = await handed(agent);
    const timers = clock.pendingTimers;
    const gate = createDeferred<void>();
    const replying = message.reply(new Pieces(['late'], () => gate.promise));
    await until(() => typing(raw).length === 1);
    for (let n = 2; n < 4; n++) {
      await clock.advance(8_000);
      await until(() => typing(raw).length === n);
    }
    gate.resolve();
    await replying;
    await until(() => typing(raw).length === 4);
    expect(typing(raw)).toEqual(['COMPOSING', 'COMPOSING', 'COMPOSING', 'ACTIVE']);
    await agent.getClock();
    expect(clock.pendingTimers).toBeLessThanOrEqual(timers);
  });

  // verifies: stream:paragraphs
  it('is said by paragraphs: one is held back until another begins, so that the last is known', async () => {
    const raw = ask();
    const gates = paragraphs.map(() => createDeferred<void>());
    const source = new Pieces(
      [...paragraphs.map((text, n) => (n === 0 ? text : `\n\n${text}`))],
      (n) => gates[n]?.promise,
    );
    const replying = answer(source, { deliver: 'paragraphs' });
    for (const [n, gate] of gates.slice(0, -1).entries()) {
      gate.resolve();
      await until(() => words(raw).length === n);
    }
    // The last one ends the text: what was held back and itself are said in the same moment.
    gates.at(-1)?.resolve();
    expect(await replying).toMatchObject({ text: whole, outcome: 'complete' });
    expect(words(raw)).toEqual(paragraphs);
    expect(idsOf(raw)).toEqual(['re-0-r0.0', 're-0-r0.1', 're-0-r0.2', 're-0-r0.3.']);
  });

  it('of 30 kB takes no more requests than it has parts, but for typing', async () => {
    const raw = ask();
    const text = Array.from({ length: 30 }, (_, n) => `${n} ${'word '.repeat(199)}`).join('\n\n');
    const message = await handed(await platform.connect());
    const before = platform.count('PublishEvent');
    const { sequences } = await message.reply(new Pieces(text.match(/[^]{1,7}/g) ?? []));
    await until(() => typing(raw).length === 2);
    expect(sequences).toHaveLength(4);
    expect(platform.count('PublishEvent') - before).toBe(4 + 2);
  });

  // verifies: stream:blank
  it.each([[['']], [[' ', '\n\n', ' ']], [[]]])('that is blank (%j) says nothing', async (pieces) => {
    const raw = ask();
    for (const deliver of ['whole', 'paragraphs'] as const) {
      const said = await answer(new Pieces(pieces), { deliver, key: deliver });
      expect(said).toEqual({ sequence: -1, sequences: [], text: '', outcome: 'complete', repeated: false });
    }
    expect(words(raw)).toEqual([]);
  });

  // verifies: stream:blank
  it.each([
    ['empty', ''],
    ['of blanks', '   '],
    ['of a line break', '\n'],
    ['of more blanks than one message holds', ' '.repeat(9_000)],
  ])('that is a text %s says nothing either, nor does one that is sent', async (_, text) => {
    const raw = ask();
    const agent = await platform.connect();
    const message = await handed(agent);
    const nothing = { sequence: -1, sequences: [], text: '', outcome: 'complete', repeated: false };
    for (const options of [
      {},
      { deliver: 'paragraphs' },
      { interruptible: true },
      { quickReplies: ['Yes'] },
    ] as const) {
      expect(await message.reply(text, options)).toEqual(nothing);
    }
    const conversation = agent.conversation('d');
    for (const options of [{}, { confirm: true }, { key: 'k' }, { inReplyTo: message }, { typing: false }]) {
      expect(await conversation.send(text, options)).toEqual(nothing);
    }
    await expect(conversation.send(text, { confirm: 'yes' } as never)).rejects.toThrow(ConfigError);
    expect(words(raw)).toEqual([]);
  });

  // verifies: stream:done
  it('is not asked of its producer again once its last part is in the history', async () => {
    const raw = ask();
    const options = { deliver: 'paragraphs' } as const;
    await answer(() => new Pieces([whole]), options);
    const again = await answer(() => {
      throw new Error('not to be called');
    }, options);
    expect(again).toMatchObject({ text: whole, repeated: true, outcome: 'complete', sequences: { length: 4 } });
    expect(words(raw)).toEqual(paragraphs);
  });

  // verifies: stream:throws, stream:goes-on
  it.each([0, 1, 2, 3, 4])(
    'whose source throws at piece %i keeps what was said, and the next run goes on',
    async (at) => {
      const raw = ask();
      const failure = new Error('the model is gone');
      const pieces = paragraphs.map((text, n) => (n === 0 ? text : `\n\n${text}`));
      const broken = new Pieces(pieces, (n) => (n === at ? Promise.reject(failure) : undefined));
      const agent = await platform.connect();
      await expect((await handed(agent)).reply(() => broken, { deliver: 'paragraphs' })).rejects.toBe(failure);
      await until(() => typing(raw).length === 2);
      const done = Math.max(0, at - 1);
      expect(words(raw)).toEqual(paragraphs.slice(0, done));
      agent.terminate();
      const runs: string[] = [];
      const said = await answer(
        ({ said: before }) => {
          runs.push(before);
          return new Pieces([paragraphs.slice(done).join('\n\n')]);
        },
        { deliver: 'paragraphs' },
      );
      expect(runs).toEqual([paragraphs.slice(0, done).join('\n\n')]);
      expect(said).toMatchObject({ text: whole, outcome: 'complete', repeated: false });
      expect(words(raw)).toEqual(paragraphs);
      expect(idsOf(raw).at(-1)).toBe('re-0-r0.3.');
    },
  );

  it.each([0, 1, 2, 3])('that is aborted at piece %i says nothing more and leaves its source', async (at) => {
    const raw = ask();
    const abort = new AbortController();
    const reason = new Error('enough');
    const source = new Pieces([whole.slice(0, 300), whole.slice(300, 600), whole.slice(600)], (n) => {
      if (n !== at) return undefined;
      abort.abort(reason);
      return Promise.reject(new Error('an error of the model’s own'));
    });
    let told: AbortSignal | undefined;
    const producer = ({ signal }: { signal: AbortSignal }) => {
      told = signal;
      return source;
    };
    await expect(answer(producer, { deliver: 'paragraphs', signal: abort.signal })).rejects.toBe(reason);
    expect([told?.aborted, source.returned]).toEqual([true, 1]);
    expect(words(raw).length).toBeLessThan(4);
  });

  // verifies: stream:begins-anew
  it('as an iterable that begins anew, says the rest after a crash; of another text nothing more', async () => {
    const raw = ask();
    let sends = 0;
    platform.hooks.set('PublishEvent', ({ body }) =>
      body.event.type === 'ContentEvent' && ++sends === 3 ? { code: 400, body: 'no' } : undefined,
    );
    await expect(answer(new Pieces([whole]), { deliver: 'paragraphs' })).rejects.toMatchObject({
      name: 'RequestRejectedError',
      context: { partsSent: 2 },
    });
    expect(await answer(new Pieces(['other words']), { deliver: 'paragraphs' })).toMatchObject({
      outcome: 'cut',
      repeated: true,
      sequences: { length: 2 },
    });
    expect(await answer(new Pieces(whole.match(/[^]{1,9}/g) ?? []), { deliver: 'paragraphs' })).toMatchObject({
      outcome: 'complete',
      text: whole,
    });
    expect(words(raw)).toEqual(paragraphs);
  });

  it('to a message that another reader handed out asks the history once', async () => {
    const raw = ask();
    await answer(() => new Pieces([whole]), { deliver: 'paragraphs' });
    const agent = await platform.connect();
    const message = await first(agent.conversation('d').messages({ start: -1 }));
    const before = platform.count('QueryMessages');
    const said = await message.reply(() => new Pieces(['new']), { deliver: 'paragraphs' });
    expect([said.repeated, said.text, words(raw).length]).toEqual([true, whole, 4]);
    expect(platform.count('QueryMessages') - before).toBeLessThanOrEqual(2);
  });

  it.each([
    ['gives something else than texts', () => new Pieces([{ text: 'x' } as never]), {}],
    ['is a producer that gives no iterable', (() => ({ textStream: 1 })) as never, {}],
    ['with an unknown way to deliver', 'text', { deliver: 'tokens' } as never],
    ['with a wrong switch', 'text', { interruptible: 'yes' } as never],
  ] as [string, AnswerTo, ReplyOptions][])('that %s is refused', async (_, content, options) => {
    const raw = ask();
    await expect(answer(content, options)).rejects.toThrow(ConfigError);
    expect(words(raw)).toEqual([]);
  });

  it('does not hold up what its source itself has to say', async () => {
    const raw = ask();
    const agent = await platform.connect();
    const message = await handed(agent);
    await message.reply(async () => {
      await agent.conversation('d').send('Let me look.');
      return new Pieces(['Here it is.']);
    });
    expect(words(raw)).toEqual(['Let me look.', 'Here it is.']);
  });
});

describe('an interruptible reply', () => {
  // verifies: stream:interrupted
  it('is overtaken by what is said while its source is read, and a text that is known as a whole is not', async () => {
    const raw = ask();
    const message = await handed(await platform.connect());
    const gate = createDeferred<void>();
    const late = message.reply(new Pieces(['in pieces'], () => gate.promise));
    const long = message.reply('a long text', { maxLength: 6 });
    await message.reply('after it');
    gate.resolve();
    await Promise.all([late, long]);
    expect(words(raw)).toEqual(['a long', 'text', 'after it', 'in pieces']);
  });

  it('stops when the consumer writes again: the source is left, nothing buffered is said, the loop goes on', async () => {
    const raw = ask();
    const agent = await platform.connect();
    const inbox = agent.conversation('d').messages()[Symbol.asyncIterator]();
    const message = (await inbox.next()).value as Message;
    let told: AbortSignal | undefined;
    const source = new Pieces([`${paragraphs[0]}\n\nb`], (n) => (n === 1 ? never() : undefined));
    const replying = message.reply(
      ({ signal }) => {
        told = signal;
        return source;
      },
      { interruptible: true, deliver: 'paragraphs' },
    );
    await until(() => words(raw).length === 1);
    platform.say(raw, 'wait', { as: 'ASSIGNED_AGENT' });
    expect(told?.aborted).toBe(false);
    platform.say(raw, 'no, the other one');
    expect(await replying).toMatchObject({ outcome: 'interrupted', text: paragraphs[0], repeated: false });
    expect([told?.aborted, source.returned, words(raw).length]).toEqual([true, 1, 1]);
    await inbox.next();
    expect(((await inbox.next()).value as Message).text).toBe('no, the other one');
  });

  it('is not even begun when the consumer has written already', async () => {
    const raw = ask();
    platform.say(raw, 'two');
    const agent = await platform.connect();
    const message = await handed(agent);
    const producer = () => {
      throw new Error('not to be called');
    };
    expect(await message.reply(producer, { interruptible: true })).toMatchObject({
      outcome: 'interrupted',
      sequences: [],
    });
    expect(await message.reply('a text', { interruptible: true })).toMatchObject({ outcome: 'interrupted' });
    expect(await message.reply('said all the same')).toMatchObject({ outcome: 'complete' });
    expect(words(raw)).toEqual(['said all the same']);
  });

  it('stops for a reader that only watches as well', async () => {
    const raw = ask();
    const agent = await platform.connect();
    const message = await first(agent.conversation('d').messages({ start: -1 }));
    const begun = createDeferred<void>();
    const replying = message.reply(
      () => {
        begun.resolve();
        return new Pieces(['x'], never);
      },
      { interruptible: true },
    );
    await begun.promise;
    platform.say(raw, 'again');
    expect(await replying).toMatchObject({ outcome: 'interrupted' });
  });
});

describe('a reply whose conversation or agent ends', () => {
  const hang = async (agent: Agent) => {
    const message = await handed(agent);
    const begun = createDeferred<AbortSignal>();
    const replying = message.reply(({ signal }) => {
      begun.resolve(signal);
      return new Pieces(['x'], never);
    });
    replying.catch(() => undefined);
    return { replying, signal: await begun.promise };
  };

  // verifies: stream:cut-off
  it.each(['closed', 'left'])('rejects when the conversation was %s', async (how) => {
    const raw = ask();
    const agent = await platform.connect();
    await agent.subscribeExConversations({});
    await until(() => agent.conversation('d').myRole !== undefined);
    const { replying, signal } = await hang(agent);
    if (how === 'closed') platform.close(raw);
    else {
      raw.mine = false;
      platform.tell(raw);
    }
    await expect(replying).rejects.toThrow(NotInConversationError);
    expect([signal.aborted, words(raw)]).toEqual([true, []]);
  });

  it('rejects when the agent is closed', async () => {
    ask();
    const agent = await platform.connect();
    const { replying, signal } = await hang(agent);
    await agent.close();
    await expect(replying).rejects.toThrow(ClosedError);
    expect(signal.aborted).toBe(true);
  });
});

describe('conversation.send() of a text that comes in pieces', () => {
  it('says it once in a dialog with a key', async () => {
    const raw = platform.open('d');
    for (let n = 0; n < 2; n++) {
      const agent = await platform.connect();
      const said = await agent.conversation('d').send(new Pieces(['Wel', 'come']), { key: 'welcome' });
      expect(said).toMatchObject({ text: 'Welcome', repeated: n === 1 });
    }
    expect(words(raw)).toEqual(['Welcome']);
  });

  it('says it once in reply to a message, and each time with neither', async () => {
    const raw = ask();
    for (let n = 0; n < 2; n++) {
      const agent = await platform.connect();
      const inReplyTo = await handed(agent);
      await agent.conversation('d').send(new Pieces([`answer ${n}`]), { inReplyTo });
      await agent.conversation('d').send(new Pieces(['again']));
    }
    expect(words(raw)).toEqual(['answer 0', 'again', 'again']);
  });

  it('takes structured content, and a text by paragraphs', async () => {
    const raw = platform.open('d');
    const agent = await platform.connect();
    await agent.conversation('d').send({ type: 'vertical', elements: [{ type: 'text', text: 'card' }] });
    await agent.conversation('d').send(whole, { deliver: 'paragraphs' });
    expect(raw.log.map(({ event }) => event.type)[0]).toBe('RichContentEvent');
    expect(words(raw)).toEqual(paragraphs);
  });
});
