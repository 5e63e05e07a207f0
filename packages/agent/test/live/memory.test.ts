import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, type Conversation, defineData, type Message } from '@lp/agent';
import * as z from 'zod';
import { first, readAll, startPlatform, type TestPlatform } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let platform: TestPlatform;
let agent: Agent;

beforeEach(async () => {
  platform = await startPlatform();
  agent = await platform.connect();
  await agent.setAgentState({ availability: 'ONLINE' });
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

/** Collects until the referent is gone; gives up after a while. */
async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collectGarbage();
    if (reference.deref() === undefined) return true;
  }
  return false;
}

describe('what an agent keeps', () => {
  // verifies: kept:conversations
  it('is nothing of a conversation that was served and closed', async () => {
    const stop = new AbortController();
    const seen: WeakRef<object>[] = [];
    const served = agent.serve(
      async (conversation: Conversation) => {
        seen.push(new WeakRef(conversation));
        for await (const message of conversation.messages()) {
          seen.push(new WeakRef(message), new WeakRef(message.event));
        }
        seen.push(new WeakRef(conversation.details));
      },
      { signal: stop.signal },
    );
    const chat = await platform.simulator.consumer().startConversation({ message: 'hello' });
    const ended = first(
      agent.conversationChanges(),
      ({ result }) => result.conversationDetails?.stage === 'CLOSE',
    ).then(() => undefined);
    await platform.simulator.waitForRequest('QueryMessages');
    await chat.close();
    await ended;
    // The handler reads on, and has seen the end of it: itself, a message, its event, and the details.
    while (seen.length < 4) await agent.getClock();
    const kept = [];
    for (const reference of seen) if (!(await isCollected(reference))) kept.push(reference.deref()?.constructor.name);
    expect(kept).toEqual([]);
    stop.abort();
    await served;
  });

  // verifies: kept:messages
  it('is nothing of a message that has been handled', async () => {
    const ring = first(agent.rings());
    const chat = await platform.simulator.consumer().startConversation({ message: 'one' });
    const messages = (await (await ring).accept()).messages()[Symbol.asyncIterator]();
    const handled = new WeakRef<Message>((await messages.next()).value as Message);
    await chat.say('two');
    await messages.next();
    expect(await isCollected(handled)).toBe(true);
  });

  it('is nothing of a stream that was left', async () => {
    const make = async () => {
      const streams = [
        agent.conversation('c').changes(),
        agent.conversation('c').typing(),
        agent.conversationChanges(),
      ];
      for (const stream of streams) stream.close();
      await Promise.all(streams.map((stream) => readAll<unknown>(stream)));
      return streams.map((stream) => new WeakRef(stream));
    };
    for (const reference of await make()) expect(await isCollected(reference)).toBe(true);
  });

  it('is less than 200 bytes of what a bot remembers of an idle dialog', async () => {
    const Count = defineData({
      name: 'count',
      version: 1,
      schema: z.object({ n: z.number() }),
      initial: () => ({ n: 0 }),
    });
    const DIALOGS = 500;
    // One that keeps nothing here: what is weighed is what the agent keeps besides.
    const store = { load: async () => undefined, save: async () => undefined, delete: async () => undefined };
    const raw = await RawPlatform.start();
    const weigh = async (remembers: boolean): Promise<number> => {
      for (let n = 0; n < DIALOGS; n++) raw.say(raw.open(`${n}`), 'hello');
      const bot = await raw.connect({ store });
      await bot.setAgentState({ availability: 'ONLINE' });
      let handled = 0;
      collectGarbage();
      const before = process.memoryUsage().heapUsed;
      const served = bot.serve(async (conversation) => {
        for await (const _ of conversation.messages({ read: 'never' })) {
          if (remembers) (await conversation.data(Count)).n++;
          handled++;
        }
      });
      await until(() => handled === DIALOGS);
      await bot.getClock();
      raw.requests.length = 0;
      collectGarbage();
      const bytes = process.memoryUsage().heapUsed - before;
      raw.conversations.clear();
      await bot.close();
      await served;
      return bytes / DIALOGS;
    };
    try {
      // What is compiled and grown once counts for nobody.
      await weigh(true);
      // The heap holds more than dialogs, some of which comes and goes: the least of what was added is the dialogs' own.
      const [added, plain]: [number[], number[]] = [[], []];
      const more = () => Math.min(...added) - Math.max(...plain);
      for (let round = 0; round < 2 || (more() >= 200 && round < 12); round++) {
        plain.push(await weigh(false));
        added.push(await weigh(true));
      }
      expect(more()).toBeLessThan(200);
    } finally {
      await raw[Symbol.asyncDispose]();
    }
  }, 120_000);
});
