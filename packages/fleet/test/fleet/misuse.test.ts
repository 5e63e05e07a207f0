import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, ConfigError, createManualClock, NotConnectedError } from '@lp/core';
import { createFleet, createSharedMemory, type Fleet, type FleetOptions, memoryEngine } from '@lp/fleet';
import type { Simulator } from '@lp/simulator';
import { createLog } from '../support.ts';
import { echo, probe, startPlatform, until } from './support.ts';

let simulator: Simulator;
let options: FleetOptions;

beforeEach(async () => {
  ({ simulator, options } = await startPlatform(2));
  options = { ...options, engine: memoryEngine() };
});

afterEach(async () => {
  await simulator.close();
});

describe('a fleet', () => {
  it('does not serve any more once it was drained', async () => {
    const fleet = await createFleet(options);
    await fleet.drain();
    await expect(fleet.serve(echo)).rejects.toThrow(ClosedError);
  });

  it('refuses a listener of agents that is no function', async () => {
    const fleet = await createFleet(options);
    expect(() => fleet.onAgent(5 as never)).toThrow(ConfigError);
    await fleet.drain();
  });

  it('reads its logins no more when its engine cannot be used', async () => {
    const clock = createManualClock();
    const engine = memoryEngine();
    engine.open = () => Promise.reject(new ConfigError('too old'));
    let reads = 0;
    const list = options.logins as readonly never[];
    const logins = () => {
      reads++;
      return list;
    };
    await expect(createFleet({ ...options, clock, engine, logins })).rejects.toThrow('too old');
    await clock.advance(10 * 60_000);
    expect(reads).toBe(1);
  });

  it('waits for an engine that is away when it starts, and says so at each try', async () => {
    const clock = createManualClock();
    const { lines, logger } = createLog();
    const engine = memoryEngine();
    let failures = 3;
    engine.open = async () => {
      if (failures-- > 0) throw new NotConnectedError('nothing listens there');
    };
    let made: Fleet | undefined;
    void createFleet({ ...options, clock, engine, logger, name: 'w' }).then((fleet) => (made = fleet));
    await until('it is made', async () => {
      await clock.advance(1_000);
      return made !== undefined;
    });
    const fields = { worker: 'w', error: 'NotConnectedError', reason: 'nothing listens there' };
    const line = { level: 'warn', message: 'the engine cannot be opened yet', fields };
    expect(lines).toEqual([line, line, line]);
    await made?.drain();
  });

  it('hands everything over and rejects with what a handler threw, when onError decides on stop', async () => {
    const shared = createSharedMemory();
    const fleet = await createFleet({ ...options, engine: memoryEngine(shared), name: 'a' });
    const served = fleet.serve(
      async (conversation) => {
        for await (const { text } of conversation.messages()) throw new Error(`cannot go on after ${text}`);
      },
      { onError: async () => 'stop' },
    );
    await simulator.consumer().startConversation({ message: 'this' });
    await expect(served).rejects.toThrow('cannot go on after this');
    expect([...shared.workers.values(), ...[...shared.logins.values()].filter(({ owner }) => owner)]).toEqual([]);
  });
});

describe('an engine whose calls hang', () => {
  it('suspends the worker, which goes on when the engine does', async () => {
    const engine = memoryEngine();
    const calls = ['beat', 'pulse', 'read', 'commit', 'limit'] as const;
    const saved = calls.map((name) => [name, engine[name]] as const);
    const fleet = await createFleet({ ...options, engine, drainTimeoutMs: 500 });
    const states: string[] = [];
    void (async () => {
      for await (const event of fleet.status()) if (event.type === 'worker') states.push(event.state);
    })();
    const served = fleet.serve(echo);
    const chat = await simulator.consumer().startConversation({ message: 'one' });
    await until('it is answered', () => chat.transcript.some(({ from }) => from === 'agent'));
    for (const name of calls) Object.assign(engine, { [name]: () => new Promise(() => undefined) });
    await until('it is suspended', () => states.at(-1) === 'suspended');
    for (const [name, call] of saved) Object.assign(engine, { [name]: call });
    await until('it is a member again', () => states.at(-1) === 'member');
    await chat.say('two');
    await until('this is answered too', () => chat.transcript.filter(({ from }) => from === 'agent').length === 2);
    for (const name of calls) Object.assign(engine, { [name]: () => new Promise(() => undefined) });
    await fleet.drain();
    await expect(served).resolves.toBeUndefined();
  });
});

describe('a drain', () => {
  it('takes no longer than one and a half times what handlers may, whatever hangs, and is told from one that may write', async () => {
    const engine = memoryEngine();
    const fleet = await createFleet({ ...options, engine, drainTimeoutMs: 2_000 });
    const never = new Promise<void>(() => undefined);
    let handling = 0;
    const served = fleet.serve(async () => {
      handling++;
      await never;
    });
    await simulator.consumer().startConversation({ message: 'one' });
    await until('its handler is at work', () => handling === 1);
    expect(probe(fleet)).toMatchObject({ status: 200, body: { state: 'member' } });
    const calls = ['beat', 'pulse', 'read', 'commit', 'limit', 'order', 'release', 'remove', 'close'] as const;
    for (const name of calls) Object.assign(engine, { [name]: () => new Promise(() => undefined) });
    const startedAt = performance.now();
    const drained = fleet.drain();
    expect(probe(fleet)).toMatchObject({ status: 200, body: { state: 'draining' } });
    await until('its gate is shut', () => probe(fleet).status === 503);
    expect(probe(fleet)).toMatchObject({ body: { state: 'draining' } });
    await drained;
    // A busy machine may be late, but not by what an engine that hangs took before.
    expect(performance.now() - startedAt).toBeLessThan(1.5 * 2_000 + 2_000);
    expect(probe(fleet)).toMatchObject({ status: 503, body: { state: 'left', logins: {} } });
    await expect(served).resolves.toBeUndefined();
  });

  it('tries no more to give logins back once it has no time left, however long its TTL', async () => {
    const clock = createManualClock();
    const engine = memoryEngine();
    const fleet = await createFleet({ ...options, clock, engine, ttlMs: 60_000, drainTimeoutMs: 500 });
    const served = fleet.serve(echo);
    const isServed = async () => {
      await clock.advance(50);
      return (probe(fleet).body as { logins: { serving?: number } }).logins.serving === 2;
    };
    await until('both are served', isServed);
    let tries = 0;
    engine.release = async () => {
      tries++;
      throw new NotConnectedError('away');
    };
    let drained = false;
    void fleet.drain().then(() => (drained = true));
    await until('it has left', async () => {
      await clock.advance(50);
      return drained;
    });
    const before = tries;
    expect(before).toBeGreaterThan(2);
    await clock.advance(10_000);
    expect(tries).toBe(before);
    await served;
  });

  it('of a fleet that never served says that it has left', async () => {
    const fleet = await createFleet(options);
    expect(probe(fleet)).toMatchObject({ status: 503, body: { state: 'joining' } });
    await fleet.drain();
    expect(probe(fleet)).toMatchObject({ status: 503, body: { state: 'left' } });
  });
});

describe('new credentials of a login that was set aside', () => {
  it('are told the engine although it was away when they were read', async () => {
    const shared = createSharedMemory();
    const engine = memoryEngine(shared);
    const clock = createManualClock();
    const [first] = options.logins as readonly { credentials: { username: string; password: string } }[];
    const { username, password } = first?.credentials ?? { username: '', password: '' };
    let known = 'wrong';
    const logins = () => [{ credentials: { username, password: known } }];
    const fleet = await createFleet({ ...options, clock, engine, logins });
    const worker = memoryEngine(shared);
    await worker.join({ incarnation: 'i', name: 'other', ttlMs: 1_500 });
    await worker.claim('i', [username]);
    await worker.release('i', { login: username, epoch: 1, aside: 'CREDENTIALS_INVALID' });
    let failures = 3;
    const readmit = engine.readmit.bind(engine);
    engine.readmit = (login) => (failures-- > 0 ? Promise.reject(new NotConnectedError('away')) : readmit(login));
    known = password;
    await clock.advance(2 * 60_000);
    expect(shared.logins.get(username)?.aside).toBeUndefined();
    await fleet.drain();
  });
});

describe('what a login has to do', () => {
  it.each(['at an engine', 'in files'])(
    'knows at the next worker what the one before has handled, kept %s',
    async (where) => {
      const shared = createSharedMemory();
      const folder = mkdtempSync(join(tmpdir(), 'lp-fleet-test-'));
      const engine = () => (where === 'in files' ? undefined : memoryEngine(shared));
      const read = async (name: string) => {
        const fleet = await createFleet({ ...options, engine: engine(), folder, name });
        let handled = 0;
        const served = fleet.serve(async (conversation) => {
          for await (const message of conversation.messages()) {
            await message.markRead();
            handled++;
          }
        });
        return { fleet, served, handled: () => handled };
      };
      const total = async ({ fleet }: Awaited<ReturnType<typeof read>>) => {
        const { logins } = await fleet.view();
        return logins.reduce((sum, { open, unhandled }) => [(sum[0] ?? 0) + open, (sum[1] ?? 0) + unhandled], [0, 0]);
      };
      const one = await read('one');
      await simulator.consumer().startConversation({ message: 'thanks' });
      await until('it is handled', () => one.handled() === 1);
      await until('nothing is left to do', async () => (await total(one)).join() === '1,0');
      await one.fleet.drain();
      await one.served;
      const two = await read('two');
      await until('the conversation has a handler again', async () => (await total(two))[0] === 1);
      expect(await total(two)).toEqual([1, 0]);
      await two.fleet.drain();
      await two.served;
      rmSync(folder, { recursive: true });
    },
  );
});
