import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type JournalEntry, type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, type RawClient } from './support/raw-client.ts';

let simulator: Simulator;
let agent: RawClient;
beforeEach(async () => {
  simulator = await startSimulator();
  agent = await connectAgent(simulator);
});
afterEach(() => simulator.close());

describe('the journal', () => {
  it('gives what was there before and what follows, in and out, in order', async () => {
    await agent.request('.GetClock');
    const journal = simulator.journal;
    await agent.request('KeepAlive');
    const seen: JournalEntry[] = [];
    for await (const entry of journal) {
      seen.push(entry);
      if (seen.length === 4) break;
    }
    expect(seen.map(({ direction, type }) => [direction, type])).toEqual([
      ['in', '.GetClock'],
      ['out', '.GetClock$Response'],
      ['in', 'KeepAlive'],
      ['out', 'StringResponse'],
    ]);
    expect(seen[0]).toMatchObject({ number: 1, kind: 'agent', client: 'agent-1', frame: { kind: 'req' } });
    expect(seen.map((entry) => entry.number)).toEqual([1, 2, 3, 4]);
  });

  it('gives each reader all of it, and one consumer to each stream', async () => {
    const [first, second] = [simulator.journal, simulator.journal];
    await agent.request('.GetClock');
    const [one, two] = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()];
    expect((await one.next()).value?.type).toBe('.GetClock');
    expect((await two.next()).value?.type).toBe('.GetClock');
    expect(() => first[Symbol.asyncIterator]()).toThrow('already has a consumer');
  });

  it('keeps the last thousand frames', async () => {
    for (let i = 0; i < 502; i++) agent.send({ kind: 'req', id: String(i), type: '.GetClock' });
    await agent.frame((frame) => frame.reqId === '501');
    const kept = simulator.recentFrames;
    expect(kept).toHaveLength(1_000);
    expect(kept[0]?.number).toBe(5);
  });

  it('is bounded in bytes, whatever clients send', async () => {
    const long = 'x'.repeat(1_000_000);
    for (let i = 0; i < 60; i++) agent.send(long);
    await agent.request('.GetClock');
    const kept = simulator.recentFrames.reduce((sum, { text }) => sum + text.length * 2, 0);
    expect(kept).toBeGreaterThan(32 * 1024 * 1024);
    expect(kept).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(simulator.recentFrames.at(-1)?.type).toBe('.GetClock$Response');
  });

  it('is bounded for a reader that does not read, who is told how many frames it missed', async () => {
    const journal = simulator.journal;
    const reader = journal[Symbol.asyncIterator]();
    await agent.request('.GetClock');
    expect((await reader.next()).value?.number).toBe(1);
    const long = 'x'.repeat(1_000_000);
    for (let i = 0; i < 60; i++) agent.send(long);
    await agent.request('.GetClock');
    const numbers: number[] = [];
    for (;;) {
      const { value } = await reader.next();
      numbers.push(value?.number ?? 0);
      if (value?.type === '.GetClock$Response' && numbers.length > 1) break;
    }
    const missed = journal.stats.dropped;
    expect(missed).toBeGreaterThan(0);
    expect(numbers.length + missed + 1).toBe(numbers.at(-1));
  });

  it('keeps what a reader has not read yet, past the last thousand', async () => {
    const reader = simulator.journal[Symbol.asyncIterator]();
    await agent.request('.GetClock');
    await reader.next();
    for (let i = 0; i < 1_000; i++) agent.send({ kind: 'req', id: String(i), type: '.GetClock' });
    await agent.frame((frame) => frame.reqId === '999');
    for (let n = 2; n <= 2_002; n++) expect((await reader.next()).value?.number).toBe(n);
  });

  it('keeps no frame that it has parsed beside its text', async () => {
    await agent.request('.GetClock');
    const [entry] = simulator.recentFrames;
    expect(entry?.frame).toEqual(JSON.parse(entry?.text ?? ''));
    expect(entry?.frame).not.toBe(entry?.frame);
  });

  it('holds frames that are no JSON', async () => {
    agent.send('not JSON');
    await agent.frame((frame) => frame.code === 400);
    expect(simulator.recentFrames[0]).toMatchObject({ text: 'not JSON', frame: undefined, type: undefined });
  });

  it('ends with the simulator', async () => {
    const journal = simulator.journal;
    await simulator.close();
    for await (const entry of journal) expect(entry.direction).toBe('never');
    expect(await journal.closed).toBeUndefined();
  });
});

describe('waiting for a request', () => {
  it('finds one that has come, by either dialect’s type or by the short name', async () => {
    await agent.request('.ams.routing.SetAgentState', { availability: 'AWAY' });
    for (const type of ['.ams.routing.SetAgentState', 'rs.SetAgentState', 'SetAgentState']) {
      expect((await simulator.waitForRequest(type)).frame?.body).toEqual({ availability: 'AWAY' });
    }
  });

  // verifies: wait:request
  it('waits for one that fits, and passes over those before a given one', async () => {
    await agent.request('.GetClock');
    const first = await simulator.waitForRequest('GetClock');
    const second = simulator.waitForRequest('GetClock', (entry) => entry.frame?.id === 'mine', { after: first.number });
    agent.send({ kind: 'req', id: 'other', type: '.GetClock' });
    agent.send({ kind: 'req', id: 'mine', type: '.GetClock' });
    expect((await second).frame?.id).toBe('mine');
  });

  it('ends with what was seen instead', async () => {
    await agent.request('.GetClock');
    await agent.request('.GetClock');
    await expect(simulator.waitForRequest('PublishEvent', undefined, { timeoutMs: 5 })).rejects.toThrow(
      'no request PublishEvent came within 5 ms; seen: .GetClock × 2',
    );
  });
});

describe('waiting for a client', () => {
  // verifies: wait:client
  it('finds an open socket, or the next one of an agent', async () => {
    expect(await simulator.waitForClient()).toEqual({ id: 'agent-1', username: 'bot@example.com' });
    simulator.faults.dropAll();
    await agent.closed;
    const next = simulator.waitForClient({ username: 'bot@example.com' });
    await connectAgent(simulator);
    expect(await next).toMatchObject({ id: 'agent-2' });
    await expect(simulator.waitForClient({ username: 'eve', timeoutMs: 5 })).rejects.toThrow('within 5 ms');
  });
});
