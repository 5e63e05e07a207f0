import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import { createFleet, createSharedMemory, type FleetOptions, memoryEngine, type SharedMemory } from '@lp/fleet';
import type { Simulator } from '@lp/simulator';
import { createLog } from '../support.ts';
import { probe, type Running, shares, startPlatform, startWorker, until } from './support.ts';

let simulator: Simulator;
let options: FleetOptions;
let shared: SharedMemory;
let running: Running[];

beforeEach(async () => {
  ({ simulator, options } = await startPlatform(6));
  shared = createSharedMemory();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map(({ fleet }) => fleet.drain()));
  await simulator.close();
});

async function join(name: string): Promise<Running> {
  const worker = await startWorker(name, memoryEngine(shared), options);
  running.push(worker);
  return worker;
}

describe('a fleet', () => {
  it('serves every login by one worker, and consumers are answered once', async () => {
    const [a] = await Promise.all([join('a'), join('b')]);
    await until('each has three', async () => {
      const { a: one = 0, b: other = 0 } = await shares(a.fleet);
      return one === 3 && other === 3;
    });
    const chats = await Promise.all(
      Array.from({ length: 8 }, () => simulator.consumer().startConversation({ message: 'hi' })),
    );
    for (const chat of chats) expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: hi');
    const { logins } = await a.fleet.view();
    expect(logins.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('hands the logins of a worker that drains to the others, and its conversations go on', async () => {
    const a = await join('a');
    await until('all are served', async () => (await shares(a.fleet))['a'] === 6);
    const chats = await Promise.all(
      Array.from({ length: 6 }, () => simulator.consumer().startConversation({ message: 'one' })),
    );
    for (const chat of chats) expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: one');
    const b = await join('b');
    await a.fleet.drain();
    await a.served;
    await Promise.all(chats.map((chat) => chat.say('two')));
    for (const chat of chats) expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: two');
    expect(await shares(b.fleet)).toEqual({ b: 6 });
    expect((await b.fleet.view()).workers.map(({ name }) => name)).toEqual(['b']);
    for (const chat of chats) expect(chat.transcript.filter(({ from }) => from === 'agent')).toHaveLength(2);
  });

  it('gives a worker that joins its share, one login at a time from each', async () => {
    const a = await join('a');
    await until('all are served', async () => (await shares(a.fleet))['a'] === 6);
    await join('b');
    await until('each has three', async () => (await shares(a.fleet))['b'] === 3);
    const epochs = (await a.fleet.view()).logins.map(({ epoch }) => epoch).toSorted((one, other) => one - other);
    expect(epochs).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('leaves although what listens to its agents never ends, and lets others have the logins', async () => {
    const fleet = await createFleet({ ...options, engine: memoryEngine(shared), name: 'stuck' });
    let listeners = 0;
    fleet.onAgent(() => {
      listeners++;
      return new Promise(() => undefined);
    });
    const served = fleet.serve(async () => undefined);
    await until('all have connected', () => listeners === 6);
    await fleet.drain();
    await served;
    const b = await join('b');
    await until('all are served', async () => (await shares(b.fleet))['b'] === 6);
    expect((await b.fleet.view()).workers.map(({ name }) => name)).toEqual(['b']);
  });

  it('sets a login with a wrong password aside, tells why, and serves the others', async () => {
    const [first, ...rest] = options.logins as { credentials: { username: string; password: string } }[];
    const wrong = { credentials: { username: first?.credentials.username ?? '', password: 'wrong' } };
    const { lines, logger } = createLog();
    options = { ...options, logins: [wrong, ...rest], logger };
    const a = await join('a');
    await until('five are served', async () => (await shares(a.fleet))['a'] === 5);
    await until('one is aside', async () => (await a.fleet.view()).logins.some(({ aside }) => aside !== undefined));
    const { logins } = await a.fleet.view();
    expect(logins.map(({ aside }) => aside).filter(Boolean)).toEqual(['CREDENTIALS_INVALID']);
    await until('the log says so', () => lines.some(({ message }) => message.includes('is set aside')));
    const told = lines.filter(({ level }) => level === 'error' || level === 'warn');
    expect(new Set(told.map(({ fields }) => (fields as { login: string }).login))).toEqual(
      new Set([wrong.credentials.username]),
    );
  });

  it('keeps its logins however long a handler takes: beats wait for nobody', async () => {
    options = { ...options, drainTimeoutMs: 50 };
    const fleet = await createFleet({ ...options, engine: memoryEngine(shared), name: 'busy' });
    const never = new Promise<void>(() => undefined);
    running.push({ fleet, served: fleet.serve(() => never) });
    const b = await join('b');
    await until('each has three', async () => (await shares(b.fleet))['busy'] === 3);
    simulator.openConversations(3, { assignedTo: 'bot-0@example.com', message: 'hi' });
    const before = (await b.fleet.view()).logins.map(({ epoch }) => epoch);
    await new Promise((resolve) => setTimeout(resolve, 2 * 1_500));
    expect((await b.fleet.view()).logins.map(({ epoch }) => epoch)).toEqual(before);
  });

  it('ends everything at once when a worker was buried while it lives, and joins anew', async () => {
    const a = await join('a');
    const agents: Agent[] = [];
    a.fleet.onAgent((agent) => void agents.push(agent));
    await until('all are served', async () => (await shares(a.fleet))['a'] === 6);
    const [buried = ''] = [...shared.workers.keys()];
    await memoryEngine(shared).remove(buried);
    await until('it has joined anew', () => shared.workers.size === 1 && !shared.workers.has(buried));
    await until('all are served again', async () => (await shares(a.fleet))['a'] === 6);
    expect((await a.fleet.view()).logins.map(({ epoch }) => epoch)).toEqual([2, 2, 2, 2, 2, 2]);
    await Promise.all(agents.slice(0, 6).map((agent) => agent.closed));
  });

  it('tells its states, and answers probes', async () => {
    const fleetEvents: string[] = [];
    const a = await join('a');
    const reading = (async () => {
      for await (const event of a.fleet.status()) if (event.type === 'worker') fleetEvents.push(event.state);
    })();
    await until('all are served', async () => (await shares(a.fleet))['a'] === 6);
    expect(probe(a.fleet)).toMatchObject({ status: 200, body: { state: 'member' } });
    await a.fleet.drain();
    await reading;
    expect(fleetEvents.slice(-2)).toEqual(['draining', 'left']);
    expect(probe(a.fleet).status).toBe(503);
  });
});
