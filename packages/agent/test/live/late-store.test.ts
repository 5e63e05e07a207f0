import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryDialogStore, type DialogStore, defineData } from '@lp/agent';
import { createManualClock, type ManualClock } from '@lp/core';
import * as z from 'zod';
import { PID, RawPlatform } from '../support/raw-dialogs.ts';

const Cart = defineData({
  name: 'cart',
  version: 1,
  schema: z.object({ items: z.array(z.string()) }),
  initial: () => ({ items: [] }),
});

let platform: RawPlatform;
let kept: DialogStore;
let store: DialogStore;
/** Whether the store can be read. */
let readable: () => boolean;
let raw: ReturnType<RawPlatform['open']>;
let clock: ManualClock;

beforeEach(async () => {
  platform = await RawPlatform.start();
  raw = platform.open('d');
  clock = createManualClock();
  kept = createMemoryDialogStore();
  readable = () => true;
  store = {
    async load(key) {
      if (key.dialogId === raw.id && !readable()) throw new Error('no route to the database');
      return await kept.load(key);
    },
    save: (key, record) => kept.save(key, record),
    delete: (key) => kept.delete(key),
  };
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const said = () => platform.said(raw).filter((text) => text !== undefined);

/** A process that serves until as much is said, with what it tells of what it remembers. */
async function live(texts: readonly string[], { remembers, answers }: { remembers: boolean; answers: number }) {
  const agent = await platform.connect({ store, clock });
  const stop = new AbortController();
  const served = agent.serve(
    async (conversation) => {
      for await (const message of conversation.messages({ read: 'never' })) {
        const cart = remembers ? await conversation.data(Cart) : { items: [] };
        cart.items.push(message.text ?? '');
        await message.reply(cart.items.join());
      }
    },
    { signal: stop.signal, auditIntervalMs: false },
  );
  for (const text of texts) platform.say(raw, text);
  while (said().length < answers) {
    await clock.advance(100);
    await agent.getClock();
  }
  stop.abort();
  await served;
  await agent.close();
}

describe('a store that cannot be read when a dialog begins', () => {
  // verifies: store:fails
  it('is asked again: nothing is handled a second time', async () => {
    await live(['one', 'two'], { remembers: false, answers: 2 });
    let loads = 0;
    readable = () => ++loads > 2;
    await live(['three'], { remembers: false, answers: 3 });
    expect(said()).toEqual(['one', 'two', 'three']);
  });

  it.each([1_000, 20_000])('for %d ms loses nothing of what the bot remembers', async (ms) => {
    await live(['shoes', 'hat'], { remembers: true, answers: 2 });
    const since = clock.now();
    readable = () => clock.now() - since > ms;
    await live(['gloves'], { remembers: true, answers: 3 });
    expect(said()).toEqual(['shoes', 'shoes,hat', 'shoes,hat,gloves']);
    const { data } = (await kept.load({ agentId: PID, dialogId: raw.id })) ?? {};
    expect(data?.['cart']?.value).toEqual({ items: ['shoes', 'hat', 'gloves'] });
  });
});
