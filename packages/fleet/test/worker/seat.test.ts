import { describe, expect, it } from '@jest/globals';
import type { Agent, StatusEvent } from '@lp/agent';
import { AuthError, ConnectionLostError, InvalidCredentialsError } from '@lp/core';
import { Broadcast, createDeferred, sleep } from '@lp/core/internal';
import type { Release } from '../../src/index.ts';
import { Caution } from '../../src/worker/caution.ts';
import { Lease, LoginGate } from '../../src/worker/lease.ts';
import { LoadMeter } from '../../src/worker/load-meter.ts';
import { Seat } from '../../src/worker/seat.ts';
import { createTime, turn } from '../support.ts';

/** The part of an agent that a seat uses. */
class FakeAgent {
  readonly events = new Broadcast<StatusEvent>();
  readonly #closed = createDeferred<Error | undefined>();
  readonly did: string[] = [];
  drainMs: number | undefined;

  get closed(): Promise<Error | undefined> {
    return this.#closed.promise;
  }

  status() {
    return this.events.subscribe({ capacity: 100, overflow: 'drop-oldest' });
  }

  async drain({ timeoutMs }: { timeoutMs: number }): Promise<void> {
    this.did.push('drain');
    this.drainMs = timeoutMs;
    this.end();
  }

  terminate(): void {
    this.did.push('terminate');
    this.end();
  }

  end(error?: Error): void {
    this.events.end();
    this.#closed.resolve(error);
  }

  reconnecting(error: Error): void {
    this.events.publish({
      type: 'reconnecting',
      at: 0,
      attempt: 1,
      attemptsLeft: 9,
      delayMs: 1,
      reason: 'reconnect',
      error,
    } as never);
  }
}

interface Setting {
  readonly connect?: (attempt: number, signal: AbortSignal) => Promise<FakeAgent>;
  readonly hasOthers?: boolean;
  readonly hasNewCredentials?: () => boolean;
  /** What serving fails with, at once. */
  readonly refusal?: Error;
  /** How long handlers take to finish. */
  readonly slowStopMs?: number;
}

function createSeat({
  connect,
  hasNewCredentials = () => false,
  hasOthers = true,
  refusal,
  slowStopMs = 0,
}: Setting = {}) {
  const { clock, elapsed } = createTime();
  const lease = new Lease(elapsed, 1_000);
  lease.renew(elapsed.mark());
  const gate = new LoginGate(lease);
  const caution = new Caution(elapsed, 1_000);
  const agents: FakeAgent[] = [];
  const states: string[] = [];
  const errors: Error[] = [];
  const releases: Release[] = [];
  const pauses: number[] = [];
  const tooMany: Error[] = [];
  let attempts = 0;
  const seat = new Seat({
    login: 'bot',
    epoch: 3,
    gate,
    load: new LoadMeter(),
    caution,
    elapsed,
    connect: async (signal) => {
      const agent = connect ? await connect(++attempts, signal) : new FakeAgent();
      agents.push(agent);
      return agent as unknown as Agent;
    },
    // As `agent.serve` does: until it is told to stop, or the agent has ended.
    serve: async (agent, signal) => {
      if (refusal) throw refusal;
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.race([stopped, agent.closed]);
      if (slowStopMs > 0) await sleep(clock, slowStopMs);
    },
    release: async (release) => void releases.push(release),
    pause: async (failures) => void pauses.push(failures),
    onTooMany: async (error) => void tooMany.push(error),
    onState: (state, error) => (error ? errors.push(error) : states.push(state)),
    maxFailedDials: 3,
    hasNewCredentials,
    hasOthers: () => hasOthers,
    drainTimeoutMs: 1_000,
  });
  return { agents, caution, clock, errors, gate, pauses, releases, seat, states, tooMany };
}

const lost = () => new ConnectionLostError('the connection was lost');

describe('a login at its worker', () => {
  it('is claimed, connected and served, and free again when it is given back', async () => {
    const { agents, gate, releases, seat, states } = createSeat();
    await turn();
    expect([seat.state, gate.mayWrite()]).toEqual(['serving', true]);
    await seat.giveBack();
    expect(states).toEqual(['claimed', 'connecting', 'serving', 'draining', 'free']);
    expect(releases).toEqual([{ login: 'bot', epoch: 3 }]);
    expect([agents[0]?.did, gate.hasEnded]).toEqual([['drain'], true]);
  });

  it('ends at once when it is lost: nothing is drained, nothing released', async () => {
    const { agents, gate, releases, seat, states } = createSeat();
    await turn();
    seat.lose();
    expect([agents[0]?.did, gate.mayWrite()]).toEqual([['terminate'], false]);
    await seat.ended;
    seat.lose();
    expect([states.at(-1), releases, agents[0]?.did]).toEqual(['lost', [], ['terminate']]);
  });

  it('ends the agent that was still connecting when it was lost', async () => {
    const connecting = createDeferred<FakeAgent>();
    const { agents, seat } = createSeat({ connect: () => connecting.promise });
    await turn();
    seat.lose();
    connecting.resolve(new FakeAgent());
    await seat.ended;
    expect(agents[0]?.did).toEqual(['terminate']);
  });

  it('stops connecting when it is given back', async () => {
    const { releases, seat } = createSeat({
      connect: (_attempt, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    await turn();
    await seat.giveBack();
    expect(releases).toEqual([{ login: 'bot', epoch: 3 }]);
  });

  it('is set aside when the platform refuses it for good', async () => {
    const { errors, pauses, releases, seat } = createSeat({
      connect: async () => {
        throw new InvalidCredentialsError('wrong password');
      },
    });
    await seat.ended;
    expect(releases).toEqual([{ login: 'bot', epoch: 3, aside: 'CREDENTIALS_INVALID' }]);
    expect([errors.length, pauses]).toEqual([1, []]);
  });

  it('is tried again when it was refused with a password that is no longer the known one', async () => {
    const connect = async (attempt: number) => {
      if (attempt === 1) throw new InvalidCredentialsError('wrong password');
      return new FakeAgent();
    };
    const { pauses, releases, seat } = createSeat({ connect, hasNewCredentials: () => true });
    await turn();
    expect([seat.state, pauses, releases]).toEqual(['serving', [1], []]);
    await seat.giveBack();
  });

  it('is set aside when its password was changed while it was served', async () => {
    const { agents, releases, seat } = createSeat();
    await turn();
    agents[0]?.end(new InvalidCredentialsError('wrong password'));
    await seat.ended;
    expect(releases).toEqual([{ login: 'bot', epoch: 3, aside: 'CREDENTIALS_INVALID' }]);
  });

  it('tries again when connecting fails, waits longer each time, and begins to count anew once it has served for a minute', async () => {
    const { agents, clock, pauses, seat } = createSeat({
      connect: async (attempt) => {
        if (attempt <= 2 || attempt === 4) throw lost();
        return new FakeAgent();
      },
    });
    await turn();
    expect([seat.state, pauses]).toEqual(['serving', [1, 2]]);
    await clock.advance(60_000);
    agents[0]?.end(lost());
    await turn();
    expect([seat.state, pauses]).toEqual(['serving', [1, 2, 1, 2]]);
    await seat.giveBack();
  });

  it('goes to another worker when the platform refuses again and again what serving begins with', async () => {
    const { agents, errors, pauses, releases, seat } = createSeat({ refusal: new Error('403') });
    await seat.ended;
    expect(pauses).toEqual([1, 2]);
    expect(releases).toEqual([{ login: 'bot', epoch: 3, avoidMe: true }]);
    expect(errors.map(({ message }) => message)).toEqual(['403', '403', '403']);
    expect(agents.map(({ did }) => did)).toEqual([['drain'], ['drain'], ['drain']]);
  });

  it('waits longer and longer when what has connected does not last, although it was served each time', async () => {
    const { agents, clock, pauses, seat } = createSeat({ hasOthers: false });
    for (let i = 0; i < 5; i++) {
      await turn();
      await clock.advance(59_000);
      agents[i]?.end(lost());
    }
    await turn();
    expect([seat.state, pauses]).toEqual(['serving', [1, 2, 3, 4, 5]]);
    await seat.giveBack();
  });

  it('is made again, after a pause, when the application has closed its agent', async () => {
    const { agents, errors, pauses, seat } = createSeat();
    await turn();
    agents[0]?.end();
    await turn();
    expect([seat.state, pauses, errors.length]).toEqual(['serving', [1], 1]);
    await seat.giveBack();
  });

  it('has for its agent what its handlers have left of the time to drain', async () => {
    const { agents, clock, seat } = createSeat({ slowStopMs: 700 });
    await turn();
    const gone = seat.giveBack();
    await turn();
    await clock.advance(700);
    await gone;
    expect(agents[0]?.drainMs).toBe(300);
  });

  it('tells how long it has been logging in', async () => {
    const connecting = createDeferred<FakeAgent>();
    const { clock, seat } = createSeat({ connect: () => connecting.promise });
    await clock.advance(700);
    expect(seat.connectingMs).toBe(700);
    connecting.resolve(new FakeAgent());
    await turn();
    await clock.advance(700);
    expect([seat.state, seat.connectingMs]).toEqual(['serving', 0]);
    await seat.giveBack();
  });

  it('goes to another worker after so many failed dials', async () => {
    const { pauses, releases, seat } = createSeat({ connect: () => Promise.reject(lost()) });
    await seat.ended;
    expect(pauses).toEqual([1, 2]);
    expect(releases).toEqual([{ login: 'bot', epoch: 3, avoidMe: true }]);
  });

  it('stays when there is no other worker, however many dials fail', async () => {
    const { pauses, releases, seat } = createSeat({
      hasOthers: false,
      connect: async (attempt) => {
        if (attempt < 9) throw lost();
        return new FakeAgent();
      },
    });
    await turn();
    expect([seat.state, pauses.length, releases]).toEqual(['serving', 8, []]);
    await seat.giveBack();
  });

  it('goes to another worker when the connection cannot be made again', async () => {
    const { agents, releases, seat } = createSeat();
    await turn();
    for (let i = 0; i < 4; i++) agents[0]?.reconnecting(lost());
    await seat.ended;
    expect(releases).toEqual([{ login: 'bot', epoch: 3, avoidMe: true }]);
  });

  it('makes the whole fleet wait when the platform asks for it, on the first login and on later ones, and stays', async () => {
    const error = new AuthError('slow down', { retryable: true, context: { status: 429, retryAfterMs: 5_000 } });
    const { agents, pauses, releases, seat, tooMany } = createSeat({
      connect: async (attempt) => {
        if (attempt < 6) throw error;
        return new FakeAgent();
      },
    });
    await turn();
    expect([tooMany.length, pauses, seat.state]).toEqual([5, [], 'serving']);
    for (let i = 0; i < 6; i++) agents[0]?.reconnecting(error);
    await turn();
    expect([tooMany.length, releases, seat.state]).toEqual([11, [], 'serving']);
    await seat.giveBack();
  });

  it('is cautious again after it was suspended: an engine that lost commits may have had another owner', async () => {
    const { caution, seat, states } = createSeat();
    await turn();
    seat.suspend(false);
    expect(caution.isOver).toBe(true);
    seat.suspend(true);
    expect([seat.state, caution.isOver]).toEqual(['suspended', true]);
    seat.suspend(false);
    expect([seat.state, caution.isOver]).toEqual(['serving', false]);
    await seat.giveBack();
    expect(states).toEqual(['claimed', 'connecting', 'serving', 'suspended', 'serving', 'draining', 'free']);
  });
});
