import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Agent,
  ConfigError,
  type Conversation,
  createMemoryCursorStore,
  createMemoryDialogStore,
  type DataDefinition,
  type DialogRecord,
  type DialogStore,
  defineData,
} from '@lp/agent';
import { createManualClock } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import type { SimulatedChat } from '@lp/simulator';
import * as z from 'zod';
import { accepted, startOnline, type TestPlatform } from '../support/platform.ts';
import { RawPlatform } from '../support/raw-dialogs.ts';

const Cart = defineData({
  name: 'cart',
  version: 1,
  schema: z.object({ items: z.array(z.string()) }),
  initial: () => ({ items: [] }),
});

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

const kept = async (): Promise<DialogRecord | undefined> =>
  await store.load({ agentId: agent.agentId, dialogId: chat.conversationId });

const keep = (name: string, version: number, value: unknown) =>
  store.save(
    { agentId: agent.agentId, dialogId: chat.conversationId },
    { revision: 1, sequence: -1, ahead: [], said: -1, attempts: 0, data: { [name]: { version, value } } },
  );

/** Opens the loop and gets its first message. */
async function firstMessage() {
  const loop = conversation.messages()[Symbol.asyncIterator]();
  await loop.next();
  return loop;
}

describe('conversation.data()', () => {
  // verifies: data:kept
  it('is one object within a body, and kept with the position in one save', async () => {
    await chat.say('apples');
    const loop = await firstMessage();
    const cart = await conversation.data(Cart);
    expect(await conversation.data(Cart)).toBe(cart);
    cart.items.push('apples');
    expect(await kept()).toBeUndefined();
    await chat.say('pears');
    await loop.next();
    const entry = { version: 1, value: { items: ['apples'] } };
    expect(await kept()).toMatchObject({ revision: 1, sequence: 0, data: { cart: entry } });
    expect(await conversation.data(Cart)).toEqual({ items: ['apples'] });
    expect(await conversation.data(Cart)).not.toBe(cart);
  });

  // verifies: data:dropped
  it('is dropped when the body fails', async () => {
    await chat.say('apples');
    await expect(async () => {
      for await (const _ of conversation.messages()) {
        (await conversation.data(Cart)).items.push('apples');
        throw new Error('a bug');
      }
    }).rejects.toThrow('a bug');
    await firstMessage();
    expect(await conversation.data(Cart)).toEqual({ items: [] });
    expect(await kept()).toBeUndefined();
  });

  it('migrates what an older version has kept', async () => {
    await keep('cart', 1, ['apples']);
    await chat.say('hi');
    const loop = await firstMessage();
    const migrate = (old: unknown, version: number) => ({ items: [...(old as string[]), `from ${version}`] });
    const cart = await conversation.data(defineData({ ...Cart, version: 2, migrate }));
    expect(cart).toEqual({ items: ['apples', 'from 1'] });
    await chat.say('more');
    await loop.next();
    expect((await kept())?.data).toEqual({ cart: { version: 2, value: cart } });
  });

  it('begins anew in each dialog, whatever gives what it begins with', async () => {
    const shared = { items: [] as string[] };
    const Shared = defineData({ ...Cart, name: 'shared', initial: () => shared });
    await chat.say('hi');
    await firstMessage();
    (await conversation.data(Shared)).items.push('a secret');
    expect(shared.items).toEqual([]);
  });

  // verifies: data:misfit
  it('names what is kept and does not fit by name, version and place, and never its value', async () => {
    await keep('cart', 1, { items: ['fine', { secret: 'hunter2' }] });
    await chat.say('hi');
    await firstMessage();
    const failed = await conversation.data(Cart).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConfigError);
    expect((failed as Error).message).toMatch(/cart \(version 1\)/);
    expect((failed as Error).message).toMatch(/items\.1/);
    expect(JSON.stringify(failed)).not.toMatch(/hunter2/);
    const moved = defineData({ ...Cart, version: 2 });
    await expect(conversation.data(moved)).rejects.toThrow(/version 1 has kept does not fit, in cart \(version 2\)/);
  });

  it('that does not fit costs each message one try, and ends nothing: the next program has a migrate', async () => {
    await keep('cart', 1, { items: 'one' });
    const tried: (string | undefined)[] = [];
    const skipped: unknown[] = [];
    const both = createDeferred<void>();
    const watching = (async () => {
      for await (const event of agent.status()) {
        if (event.type === 'messageSkipped' && skipped.push(event.error) === 2) both.resolve();
      }
    })();
    const serve = (definition: DataDefinition<{ items: string[] }>) => {
      const stop = new AbortController();
      const served = agent.serve(
        async (one) => {
          for await (const message of one.messages()) {
            tried.push(message.text);
            const { items } = await one.data(definition);
            await message.reply(`${items.push('two')} items`);
          }
        },
        { signal: stop.signal },
      );
      return async () => {
        stop.abort();
        await served;
      };
    };
    const stop = serve(Cart);
    await chat.say('a');
    await chat.say('b');
    await both.promise;
    await stop();
    expect(tried).toEqual(['a', 'b']);
    expect(skipped).toEqual([expect.any(ConfigError), expect.any(ConfigError)]);
    const end = serve(
      defineData({ ...Cart, version: 2, migrate: async (old) => ({ items: [(old as { items: string }).items] }) }),
    );
    await chat.say('c');
    expect(await chat.next()).toMatchObject({ text: '2 items' });
    await end();
    await agent.close();
    await watching;
  });

  const Any = defineData({
    name: 'any',
    version: 1,
    schema: z.unknown(),
    initial: (): { value?: unknown } => ({}),
  }) as DataDefinition<{
    value?: unknown;
  }>;
  const circle: { self?: unknown } = {};
  circle.self = circle;

  // verifies: data:limits
  it.each([
    ['a date', new Date(0)],
    ['a number that is not one', Number.NaN],
    ['a map', new Map()],
    ['a circle', circle],
    ['too much', 'x'.repeat(16_384)],
  ])('refuses %s at the end of the body', async (_, value) => {
    await chat.say('hi');
    const loop = await firstMessage();
    (await conversation.data(Any)).value = value;
    await expect(loop.next()).rejects.toThrow(ConfigError);
    expect(await kept()).toBeUndefined();
  });

  it('refuses what the handler has made of it when the schema does', async () => {
    await chat.say('hi');
    const loop = await firstMessage();
    (await conversation.data(Cart)).items.push(7 as never);
    await expect(loop.next()).rejects.toThrow(/does not fit at items\.0/);
  });

  it('is waited for no longer when the clock of the machine is set back while its store fails', async () => {
    const clock = createManualClock();
    await using raw = await RawPlatform.start();
    const failing: DialogStore = {
      load: (key) => store.load(key),
      save: () => Promise.reject(new Error('full')),
      delete: (key) => store.delete(key),
    };
    const own = await raw.connect({ clock, store: failing });
    const dialog = raw.open('d');
    raw.say(dialog, 'one');
    const there = own.conversation('d');
    const loop = there.messages()[Symbol.asyncIterator]();
    await loop.next();
    (await there.data(Cart)).items.push('apples');
    let failure: unknown;
    loop.next().catch((error: unknown) => {
      failure = error;
    });
    await clock.advance(1_000);
    clock.jump(-3_600_000);
    for (let seconds = 0; seconds < 60 && failure === undefined; seconds++) await clock.advance(1_000);
    expect(failure).toMatchObject({ message: 'full' });
  });

  it('needs a store that keeps more than positions', async () => {
    await agent.close();
    agent = await platform.connect({ cursors: createMemoryCursorStore() });
    await agent.subscribeExConversations({ stage: ['OPEN'] });
    await expect(agent.conversation(chat.conversationId).data(Cart)).rejects.toThrow(/give connectAgent a store/);
  });

  it.each([
    [{ ...Cart, name: '' }],
    [{ ...Cart, version: 1.5 }],
    [{ ...Cart, schema: {} }],
    [{ ...Cart, initial: undefined }],
    [{ ...Cart, migrations: [] }],
  ])('refuses the definition %j', (definition) => {
    expect(() => defineData(definition as never)).toThrow(ConfigError);
  });
});
