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
      'No request PublishEvent came within 5 ms; seen: .GetClock × 2',
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
