import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryDialogStore, type DialogRecord, type DialogStore } from '@lp/agent';
import { ConfigError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { take } from '../support/platform.ts';
import { RawPlatform } from '../support/raw-dialogs.ts';

let platform: RawPlatform;

beforeEach(async () => {
  platform = await RawPlatform.start();
});

afterEach(() => platform[Symbol.asyncDispose]());

/** A store on a database whose driver gives large numbers as text, as that of PostgreSQL does. */
function createRows(): DialogStore {
  const kept = createMemoryDialogStore();
  return {
    async load(key) {
      const record = await kept.load(key);
      if (!record) return undefined;
      const { attempts, revision, said, sequence } = record;
      const asText = { attempts: `${attempts}`, revision: `${revision}`, said: `${said}`, sequence: `${sequence}` };
      return { ...record, ...asText } as unknown as DialogRecord;
    },
    save: (key, record) => kept.save(key, record),
    delete: (key) => kept.delete(key),
  };
}

describe('a store of the bot’s author', () => {
  // verifies: store:unusable
  it.each([undefined, null, 'down', new Error('down')])(
    'that fails with %p when the agent connects is told by name',
    async (reason) => {
      const failing = [() => Promise.reject(reason), () => failNow(reason)];
      for (const get of failing) {
        const connecting = platform.connect({ cursors: { get, set: () => undefined } });
        await expect(connecting).rejects.toThrow(ConfigError);
        await expect(connecting).rejects.toThrow('the store given as cursors cannot be used');
      }
    },
  );

  it('that gives numbers as text lets a bot that was restarted go on where it was', async () => {
    const store = createRows();
    const raw = platform.open('d');
    for (const text of ['one', 'two', 'three', 'four']) platform.say(raw, text);
    const before = await platform.connect({ store });
    const inbox = before.conversation('d').messages()[Symbol.asyncIterator]();
    expect([(await inbox.next()).value?.text, (await inbox.next()).value?.text]).toEqual(['one', 'two']);
    await inbox.return?.();
    await before.close();
    const after = await platform.connect({ store });
    const rest = await take(after.conversation('d').messages(), 3);
    expect(rest.map(({ text }) => text)).toEqual(['two', 'three', 'four']);
    expect(await store.load({ agentId: after.agentId, dialogId: 'd' })).toMatchObject({ sequence: '2' });
  });

  it('that is still waited for does not keep connectAgent from being stopped', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const response = createDeferred<undefined>();
    const cursors = {
      get: () => {
        stop.abort(reason);
        return response.promise;
      },
      set: () => undefined,
    };
    await expect(platform.connect({ cursors, signal: stop.signal })).rejects.toBe(reason);
    response.resolve(undefined);
  });
});

function failNow(reason: unknown): never {
  throw reason;
}
