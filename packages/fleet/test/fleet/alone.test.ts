import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, createManualClock, FencedError, type Logger } from '@lp/core';
import { createFleet, type Fleet, type FleetLogin, type FleetOptions, memoryEngine } from '@lp/fleet';
import type { Simulator } from '@lp/simulator';
import { echo, startPlatform, until } from './support.ts';

let simulator: Simulator;
let options: FleetOptions;
let folder: string;

beforeEach(async () => {
  ({ simulator, options } = await startPlatform(2));
  folder = mkdtempSync(join(tmpdir(), 'lp-fleet-test-'));
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

async function serve(): Promise<{ fleet: Fleet; served: Promise<void> }> {
  const fleet = await createFleet({ ...options, folder });
  let serving = 0;
  void (async () => {
    for await (const event of fleet.status()) if (event.type === 'login' && event.state === 'serving') serving++;
  })();
  const served = fleet.serve(echo);
  await until('both serve', () => serving === 2);
  return { fleet, served };
}

describe('a fleet without an engine', () => {
  it('serves its logins in this process, and a later process goes on from its files', async () => {
    const first = await serve();
    const chat = await simulator.consumer().startConversation({ message: 'one' });
    expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: one');
    await first.fleet.drain();
    await first.served;
    await chat.say('two');
    const second = await serve();
    expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: two');
    expect(chat.transcript.filter(({ from }) => from === 'agent')).toHaveLength(2);
    await second.fleet.drain();
    await second.served;
  });

  it('can be looked at, drained before it serves, and drained twice', async () => {
    const fleet = await createFleet({ ...options, folder });
    expect(await fleet.view()).toEqual({ workers: [], logins: [] });
    await Promise.all([fleet.drain(), fleet.drain()]);
    await fleet[Symbol.asyncDispose]();
  });

  it('serves nothing when its signal was aborted before, and refuses to serve twice or without a handler', async () => {
    const fleet = await createFleet({ ...options, folder });
    await expect(fleet.serve(undefined as never)).rejects.toThrow('the handler must be a function');
    await fleet.serve(echo, { signal: AbortSignal.abort() });
    await expect(fleet.serve(echo)).rejects.toThrow('a worker serves once');
    expect((await fleet.view()).workers).toEqual([]);
    await fleet.drain();
  });

  it.each([
    [{ concurency: 5 }, 'serve.concurency is not an option; did you mean concurrency?'],
    [{ concurrency: 0 }, 'serve.concurrency must be a whole number of at least 1, or Infinity'],
    [{ drainTimeoutMs: 5 }, 'serve.drainTimeoutMs is an option of createFleet'],
  ])('refuses wrong options of serve before it joins: %j', async (given, message) => {
    const fleet = await createFleet({ ...options, folder });
    await expect(fleet.serve(echo, given as object)).rejects.toThrow(message);
    expect((await fleet.view()).workers).toEqual([]);
    await fleet.drain();
  });

  it('refuses a misspelt option of its status', async () => {
    const fleet = await createFleet({ ...options, folder });
    expect(() => fleet.status({ capcity: 5 } as object)).toThrow(
      'status.capcity is not an option; did you mean capacity?',
    );
    await fleet.drain();
  });

  it('adds one listener to its signal, however many fleets share that', async () => {
    const stop = new AbortController();
    const fleets = [];
    for (const name of ['a', 'b', 'c']) fleets.push(await createFleet({ ...options, folder: join(folder, name) }));
    const served = fleets.map((fleet) => fleet.serve(echo, { signal: stop.signal }));
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    stop.abort();
    await Promise.all(served);
  });

  it('ends when its signal is aborted while it serves', async () => {
    const stop = new AbortController();
    const fleet = await createFleet({ ...options, folder });
    const served = fleet.serve(echo, { signal: stop.signal });
    await until('both serve', async () => (await fleet.view()).logins.filter(({ owner }) => owner).length === 2);
    stop.abort();
    await expect(served).resolves.toBeUndefined();
  });
});

describe('a fleet without an engine that was started twice', () => {
  it('ends the first with a FencedError; the second goes on', async () => {
    const first = await serve();
    const ended = first.served.catch((error: unknown) => error);
    const probe = createServer(first.fleet.health).listen(0, '127.0.0.1');
    const health = async (): Promise<number> => {
      const { port } = probe.address() as AddressInfo;
      return (await fetch(`http://127.0.0.1:${port}/`)).status;
    };
    const chat = await simulator.consumer().startConversation({ message: 'one' });
    await chat.next({ timeoutMs: 10_000 });
    expect(await health()).toBe(200);
    const second = await serve();
    await chat.say('two');
    expect(await ended).toBeInstanceOf(FencedError);
    expect(await health()).toBe(503);
    await chat.say('three');
    const isAnswered = () => chat.transcript.some(({ text }) => text === 'echo: three');
    await until('the second answers', isAnswered);
    probe.close();
    await second.fleet.drain();
    await second.served;
  });

  it('ends the first also when it learns of it by a login that cannot be made', async () => {
    const fleet = await createFleet({ ...options, folder });
    const fenced = new FencedError('another process uses the cursor file');
    fleet.onAgent(() => {
      throw new ConfigError('the store given as store cannot be used', { cause: fenced });
    });
    await expect(fleet.serve(echo)).rejects.toBe(fenced);
  });

  it('is nothing to a fleet with an engine, which tries again', async () => {
    const fleet = await createFleet({ ...options, engine: memoryEngine(), reconnect: { loginSpacingMs: 0 } });
    let failures = 2;
    fleet.onAgent(() => {
      if (failures-- > 0) throw new FencedError('another process uses the cursor file');
    });
    const served = fleet.serve(echo);
    const chat = await simulator.consumer().startConversation({ message: 'one' });
    expect((await chat.next({ timeoutMs: 15_000 })).text).toBe('echo: one');
    await fleet.drain();
    await expect(served).resolves.toBeUndefined();
  });
});

describe('the listener of agents', () => {
  it('is called with each agent before it serves, until it is taken away', async () => {
    const fleet = await createFleet({ ...options, folder, availability: false });
    const seen: string[] = [];
    const stop = fleet.onAgent(async (agent, login) => {
      await agent.setAgentState({ availability: 'AWAY' });
      seen.push(login);
    });
    const never = fleet.onAgent(() => void seen.push('never'));
    never();
    const served = fleet.serve(echo);
    await until('both were seen', () => seen.length === 2);
    expect(seen.toSorted()).toEqual(['bot-0@example.com', 'bot-1@example.com']);
    stop();
    await fleet.drain();
    await served;
  });

  it('makes a login try again when it throws, 5 s later, and what it threw is logged, with its stack the first time', async () => {
    const clock = createManualClock();
    const logged: Record<string, unknown>[] = [];
    const ignore = (): void => undefined;
    const logger: Logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (message, fields) => void logged.push({ message, ...fields }),
    };
    const [login] = options.logins as readonly FleetLogin[];
    const fleet = await createFleet({ ...options, clock, logger, folder, logins: login ? [login] : [] });
    const calls: number[] = [];
    fleet.onAgent(() => {
      calls.push(clock.now());
      if (calls.length < 3) throw new TypeError('not yet');
    });
    const told: string[] = [];
    const reading = (async () => {
      for await (const event of fleet.status())
        if (event.type === 'login' && (event.error || event.state === 'serving'))
          told.push(event.error?.message ?? event.state);
    })();
    const served = fleet.serve(echo);
    await until('it serves', async () => {
      await clock.advance(100);
      return told.includes('serving');
    });
    expect(told).toEqual(['not yet', 'not yet', 'serving']);
    const waits = calls.slice(1).map((at, i) => at - (calls[i] ?? 0));
    expect(waits.filter((ms) => ms < 5_000)).toEqual([]);
    const username = simulator.agents[0]?.username;
    const entry = { message: 'code of the application failed', where: 'fleet.onAgent', error: 'TypeError' };
    expect(logged).toEqual([
      { ...entry, reason: 'not yet', login: username, stack: expect.stringContaining('alone.test') },
      { ...entry, reason: 'not yet', login: username, stack: undefined },
    ]);
    await fleet.drain();
    await Promise.all([served, reading]);
  });

  it('waits no longer than reconnect.loginSpacingMs, when that is given', async () => {
    const fleet = await createFleet({ ...options, folder, reconnect: { loginSpacingMs: 0 } });
    let failures = 2;
    fleet.onAgent(() => {
      if (failures-- > 0) throw new Error('not yet');
    });
    const started = performance.now();
    const served = fleet.serve(echo);
    await until('both serve', async () => {
      const { logins } = await fleet.view();
      return failures < 0 && logins.every(({ owner }) => owner);
    });
    expect(performance.now() - started).toBeLessThan(5_000);
    await fleet.drain();
    await served;
  });
});
