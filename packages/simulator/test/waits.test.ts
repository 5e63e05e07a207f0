import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';

let simulator: Simulator;
let chat: SimulatedChat;
beforeEach(async () => {
  simulator = await startSimulator();
  chat = await simulator.consumer().startConversation({ message: 'hi' });
});
afterEach(() => simulator.close());

interface Limit {
  timeoutMs?: number;
}
const waits: readonly [name: string, wait: (limit: Limit) => Promise<unknown>][] = [
  ['next', (limit) => chat.next(limit)],
  ['waitForEvent', (limit) => chat.waitForEvent(() => false, limit)],
  ['waitForClient', (limit) => simulator.waitForClient(limit)],
  ['waitForRequest', (limit) => simulator.waitForRequest('KeepAlive', undefined, limit)],
];

describe.each(waits)('the wait of %s', (_name, wait) => {
  it.each([Infinity, 2 ** 31, 30 * 24 * 60 * 60_000])(
    'lasts %d ms, and is over at once when the simulator closes',
    async (timeoutMs) => {
      const waiting = wait({ timeoutMs });
      const first = await Promise.race([
        waiting.catch(() => 'rejected'),
        new Promise((resolve) => setTimeout(() => resolve('waits'), 20)),
      ]);
      expect(first).toBe('waits');
      const closing = expect(waiting).rejects.toThrow('the simulator is closed');
      await simulator.close();
      await closing;
      await expect(wait({ timeoutMs })).rejects.toThrow('the simulator is closed');
    },
  );

  it.each([Number.NaN, -1, null, '100'])('refuses a limit of %p', async (timeoutMs) => {
    const refused = wait({ timeoutMs } as Limit);
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow('timeoutMs must be a number of milliseconds of at least 0');
  });
});

describe('a predicate', () => {
  it('that is no function is refused', async () => {
    await expect(chat.waitForEvent('text' as never)).rejects.toThrow(ConfigError);
    await expect(simulator.waitForRequest('x', null as never)).rejects.toThrow(ConfigError);
  });
});

describe('a predicate that throws', () => {
  it('rejects its own wait and nothing else', async () => {
    const failing = expect(
      chat.waitForEvent(({ event }) => {
        if (event['message'] === 'boom') throw new Error('in the predicate');
        return false;
      }),
    ).rejects.toThrow('in the predicate');
    const other = chat.waitForEvent(({ event }) => event['message'] === 'boom');
    expect(await chat.say('boom')).toEqual({ sequence: 1 });
    await failing;
    expect(await other).toMatchObject({ sequence: 1 });
  });
});

it('a chat that its simulator has left behind is not closed, and says so', async () => {
  const closed = expect(chat.closed).rejects.toThrow('the simulator is closed');
  await simulator.close();
  await closed;
});
