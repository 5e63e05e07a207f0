import { describe, expect, it } from '@jest/globals';
import { type Agent, type Conversation, createMemoryDialogStore, type DialogStore, defineData } from '@lp/agent';
import { type Clock, systemClock } from '@lp/core';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

// A handler that has failed pauses for up to a second before it runs again: not here.
const clock: Clock = {
  now: () => systemClock.now(),
  setTimer: (callback, delayMs, options) =>
    systemClock.setTimer(callback, delayMs <= 1_000 ? delayMs / 50 : delayMs, options),
};

const Names = defineData({
  name: 'names',
  version: 1,
  schema: { '~standard': { version: 1, vendor: 'none', validate: (value) => ({ value: value as string[] }) } },
  initial: () => [],
});

const ROUND = ['Name?', `one ${'word '.repeat(50)}`.trim(), `two ${'word '.repeat(50)}`.trim(), 'Thanks, Ann.'];
const ROUNDS = 2;

async function* paragraphs(said: string): AsyncGenerator<string> {
  const begun = said === '' ? 0 : said.split('\n\n').length;
  for (const text of ROUND.slice(1 + begun, 3)) yield `${text}\n\n`;
}

async function handle(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages()) {
    const name = await conversation.ask('Name?');
    (await conversation.data(Names)).push(name);
    await message.reply(({ said }) => paragraphs(said), { deliver: 'paragraphs', typing: false });
    await message.reply(`Thanks, ${name}.`);
  }
}

/** What is done at a point of the bot's work, and whether the process goes on with it. */
const WAYS: Readonly<Record<string, { goesOn: boolean; strike: (agent: Agent, platform: RawPlatform) => void }>> = {
  'is closed': { goesOn: false, strike: (agent) => void agent.close() },
  'is drained': { goesOn: false, strike: (agent) => void agent.drain({ timeoutMs: 5 }) },
  'is terminated': { goesOn: false, strike: (agent) => agent.terminate() },
  'is turned out by the platform for good': { goesOn: false, strike: (_, platform) => platform.closeWith(1003) },
  'loses its connection': { goesOn: true, strike: (_, platform) => platform.cut() },
  'gets an error of its store': {
    goesOn: true,
    strike() {
      throw new Error('not now');
    },
  },
};

/** Plays two rounds with something done at the point of this number; undefined when there are not so many points. */
async function play(at: number, way: (typeof WAYS)[string]): Promise<unknown> {
  await using platform = await RawPlatform.start();
  const raw = platform.open('d');
  const kept = createMemoryDialogStore();
  let points = 0;
  let handled = -1;
  let strike: (() => void) | undefined;
  const point = () => {
    if (++points === at) strike?.();
  };
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    point();
    const result = await work();
    point();
    return result;
  };
  const store: DialogStore = {
    load: (key) => kept.load(key),
    save: (key, record) =>
      around(async () => {
        await kept.save(key, record);
        handled = record.sequence;
      }),
    delete: (key) => kept.delete(key),
  };
  const begin = async () => {
    const agent = await platform.connect({
      store,
      clock,
      interceptors: [(call, next) => (call.type.endsWith('PublishEvent') ? around(() => next(call)) : next(call))],
    });
    return { agent, serving: agent.serve(handle, { auditIntervalMs: false, drainTimeoutMs: 5 }) };
  };
  platform.hooks.set('PublishEvent', (request) => {
    const { message } = request.body.event;
    const response = platform.publish(request);
    const after = () => {
      response.after?.();
      if (message === 'Name?') platform.say(raw, 'Ann');
      if (message === ROUND[3] && platform.said(raw).length < ROUNDS * ROUND.length) platform.say(raw, 'order');
    };
    return { ...response, after };
  });
  const life = await begin();
  let goesOn = true;
  strike = () => {
    goesOn = way.goesOn;
    way.strike(life.agent, platform);
  };
  platform.say(raw, 'order');
  // A mark that was cut off is not told again: the record says that its message is handled.
  const isDone = () =>
    platform.said(raw).length >= ROUNDS * ROUND.length &&
    handled >= raw.log.findLastIndex(({ event }) => event['message'] === 'order');
  await until(() => isDone() || !goesOn);
  if (goesOn) {
    await life.agent.close();
    await life.serving;
  } else {
    await life.serving.catch(() => undefined);
    await life.agent.closed;
    const next = await begin();
    await until(isDone);
    await next.agent.close();
    await next.serving;
  }
  if (points < at) return undefined;
  const record = await kept.load({ agentId: life.agent.agentId, dialogId: 'd' });
  return { said: platform.said(raw), names: record?.data['names']?.value };
}

const EXPECTED = { said: [...ROUND, ...ROUND], names: ['Ann', 'Ann'] };

describe.each(Object.entries(WAYS))('a bot that at any point of its work %s', (_, way) => {
  // verifies: ask:rerun
  it('says everything once, and keeps what it remembers once', async () => {
    const wrong: unknown[] = [];
    let at = 1;
    for (; ; at++) {
      const result = await play(at, way);
      if (result === undefined) break;
      if (JSON.stringify(result) !== JSON.stringify(EXPECTED)) wrong.push({ at, result });
    }
    expect(wrong).toEqual([]);
    expect(at).toBeGreaterThan(20);
  }, 60_000);
});
