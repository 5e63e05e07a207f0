import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFleet, type Fleet, type FleetOptions } from '@lp/fleet';
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
  const served = fleet.serve(echo);
  await until('both serve', async () => (await fleet.view()).logins.filter(({ owner }) => owner).length === 2);
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

  it('ends when its signal is aborted while it serves', async () => {
    const stop = new AbortController();
    const fleet = await createFleet({ ...options, folder });
    const served = fleet.serve(echo, { signal: stop.signal });
    await until('both serve', async () => (await fleet.view()).logins.filter(({ owner }) => owner).length === 2);
    stop.abort();
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

  it('makes a login try again when it throws', async () => {
    const fleet = await createFleet({ ...options, folder });
    const errors: string[] = [];
    let failures = 2;
    fleet.onAgent(() => {
      if (failures-- > 0) throw new Error('not yet');
    });
    const reading = (async () => {
      for await (const event of fleet.status())
        if (event.type === 'login' && event.error) errors.push(event.error.message);
    })();
    const states: string[] = [];
    const listening = (async () => {
      for await (const event of fleet.status())
        if (event.type === 'login' && event.state === 'serving') states.push(event.login);
    })();
    const served = fleet.serve(echo);
    await until('both serve', () => states.length === 2);
    expect(errors).toEqual(['not yet', 'not yet']);
    await fleet.drain();
    await Promise.all([served, reading, listening]);
  });
});
