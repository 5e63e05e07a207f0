import { describe, expect, it } from '@jest/globals';
import { ConnectionLostError, createManualClock, RequestRejectedError, RequestTimeoutError } from '@lp/core';
import type { Call } from '../../src/link/call.ts';
import { type DelayedRestoration, DesiredState, type RefusedRestoration } from '../../src/link/desired-state.ts';

const refusal = new RequestRejectedError({ status: 400, type: 'T' });
const busy = new RequestRejectedError({ status: 503, type: 'T' });

/** Records what is asked for; answers with growing server ids, or refuses some. */
function recorder(refuses: (name: string) => Error | undefined = () => undefined) {
  const asked: unknown[] = [];
  const call = (async (name: string, body: object) => {
    asked.push([name, body]);
    const error = refuses(name);
    if (error) throw error;
    return { subscriptionId: `${asked.length}` };
  }) as unknown as Call;
  return { asked, call };
}

function desiredState(call: Call = recorder().call) {
  const clock = createManualClock();
  const refused: RefusedRestoration[] = [];
  const delayed: DelayedRestoration[] = [];
  const desired = new DesiredState({
    call,
    clock,
    refused: (restoration) => refused.push(restoration),
    delayed: (restoration) => delayed.push(restoration),
  });
  const { signal } = new AbortController();
  /** Restores on a connection that stays. */
  const restore = (again: Call) => desired.restore(again, signal);
  return { clock, delayed, desired, refused, restore };
}

describe('the desired state', () => {
  it('asks for every subscription and the agent state again, under ids of its own', async () => {
    const { desired, restore } = desiredState();
    const { subscriptionId } = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    await desired.subscribe('subscribeRoutingTasks', {});
    await desired.setAgentState({ availability: 'ONLINE' });
    const second = recorder();
    await restore(second.call);
    expect(second.asked).toEqual([
      ['subscribeExConversations', { stage: ['OPEN'] }],
      ['subscribeRoutingTasks', {}],
      ['setAgentState', { availability: 'ONLINE' }],
    ]);
    expect(desired.serverIdOf(subscriptionId)).toBe('1');
    expect(desired.serverIdOf('unknown')).toBe('unknown');
  });

  it('never mixes up two subscriptions, although the platform gives the same ids on every connection', async () => {
    const { desired, restore } = desiredState();
    const a = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    const b = await desired.subscribe('subscribeExConversations', { stage: ['CLOSE'] });
    desired.forget(a.subscriptionId);
    await restore(recorder().call);
    const c = await desired.subscribe('subscribeRoutingTasks', {});
    expect(new Set([a, b, c].map(({ subscriptionId }) => subscriptionId)).size).toBe(3);
    const third = recorder();
    await restore(third.call);
    expect(third.asked).toHaveLength(2);
    expect([b, c].map(({ subscriptionId }) => desired.serverIdOf(subscriptionId))).toEqual(['1', '2']);
  });

  it('knows what it has asked for before there is a response, and not when that was a refusal', async () => {
    let refuse: (reason: Error) => void = () => undefined;
    const call = (() => new Promise((_, reject) => (refuse = reject))) as unknown as Call;
    const { desired } = desiredState(call);
    const asking = desired.subscribe('subscribeExConversations', {});
    const [name, other] = ['subscribeExConversations', 'subscribeRoutingTasks'] as const;
    expect([desired.isAskedFor(name), desired.has(name), desired.isAskedFor(other)]).toEqual([true, false, false]);
    refuse(refusal);
    await expect(asking).rejects.toBe(refusal);
    expect(desired.isAskedFor(name)).toBe(false);
    const { desired: answered } = desiredState();
    await answered.subscribe(name, {});
    expect(answered.isAskedFor(name)).toBe(true);
  });

  it('does not ask again for what was given up, and asks with the newest filter', async () => {
    const { desired, restore } = desiredState();
    const given = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    const changed = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    desired.forget(given.subscriptionId);
    desired.replaceBody(changed.subscriptionId, { stage: ['CLOSE'] });
    const second = recorder();
    await restore(second.call);
    expect(second.asked).toEqual([['subscribeExConversations', { stage: ['CLOSE'] }]]);
  });

  it('does not remember what the platform refused', async () => {
    const { desired, restore } = desiredState(recorder(() => refusal).call);
    await expect(desired.subscribe('subscribeExConversations', {})).rejects.toBe(refusal);
    const second = recorder();
    await restore(second.call);
    expect(second.asked).toEqual([]);
  });

  // verifies: status:restore-refused
  it('would rather have another connection than a deaf one, and gives up what is refused three times', async () => {
    const { desired, refused, restore } = desiredState();
    const lost: Error[] = [];
    const { subscriptionId } = await desired.subscribe('subscribeExConversations', {}, undefined, (error) =>
      lost.push(error),
    );
    await desired.subscribe('subscribeRoutingTasks', {});
    const { asked, call } = recorder((name) => (name === 'subscribeExConversations' ? refusal : undefined));
    for (const _ of [1, 2]) {
      await expect(restore(call)).rejects.toMatchObject({
        code: 'NOT_CONNECTED',
        retryable: true,
        cause: refusal,
      });
    }
    expect(refused).toEqual([]);
    await restore(call);
    expect(refused).toEqual([{ what: 'subscribeExConversations', subscriptionId, error: refusal }]);
    expect(lost).toEqual([refusal]);
    await restore(call);
    expect(asked).toHaveLength(7);
  });

  it('keeps the connection when the routing service refuses, and gives up on it what is refused three times', async () => {
    const { clock, delayed, desired, refused, restore } = desiredState();
    const { subscriptionId } = await desired.subscribe('subscribeRoutingTasks', {});
    const { asked, call } = recorder(() => refusal);
    const restored = restore(call);
    await clock.advance(1_000);
    await restored;
    await clock.advance(10_000);
    expect(asked).toHaveLength(3);
    expect(delayed.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(refused).toEqual([{ what: 'subscribeRoutingTasks', subscriptionId, error: refusal }]);
  });

  // verifies: status:restore-delayed
  it.each([
    ['is busy', busy],
    ['does not respond', new RequestTimeoutError('no response')],
  ])('keeps the connection while the routing service %s, and asks again, later and later', async (_, failure) => {
    const { clock, delayed, desired, restore } = desiredState();
    await desired.setAgentState({ availability: 'ONLINE' });
    let failures = 3;
    const { asked, call } = recorder(() => (failures-- > 0 ? failure : undefined));
    const restored = restore(call);
    await clock.advance(999);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await restored;
    await clock.advance(60_000);
    expect(asked).toHaveLength(4);
    const waits = delayed.map(({ delayMs }) => delayMs);
    expect(delayed).toEqual(
      waits.map((delayMs, n) => ({ what: 'setAgentState', attempt: n + 1, delayMs, error: failure })),
    );
    for (const [n, bound] of [1_000, 2_000, 5_000].entries()) expect(waits[n]).toBeGreaterThanOrEqual(bound);
  });

  it('waits a second for what messages do not need, and no longer', async () => {
    const { clock, desired, restore } = desiredState();
    await desired.subscribe('subscribeRoutingTasks', {});
    let isRestored = false;
    const restored = restore((() => new Promise(() => undefined)) as unknown as Call);
    void restored.then(() => (isRestored = true));
    await clock.advance(999);
    expect(isRestored).toBe(false);
    await clock.advance(1);
    await restored;
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks again for a subscription to conversations on the same connection while the platform is busy', async () => {
    const { clock, desired, restore } = desiredState();
    const { subscriptionId } = await desired.subscribe('subscribeExConversations', {});
    let failures = 1;
    const { call } = recorder(() => (failures-- > 0 ? busy : undefined));
    const restored = restore(call);
    await clock.advance(1_200);
    await restored;
    expect(desired.serverIdOf(subscriptionId)).toBe('2');
  });

  it('ends its tries with the connection', async () => {
    const { clock, desired } = desiredState();
    await desired.setAgentState({ availability: 'ONLINE' });
    const gone = new AbortController();
    const { asked, call } = recorder(() => busy);
    const restored = desired.restore(call, gone.signal);
    await clock.advance(0);
    gone.abort(new ConnectionLostError('lost'));
    await restored;
    await clock.advance(60_000);
    expect([asked.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('never sets an older state behind a newer one, and goes on with the older when the newer is refused', async () => {
    let isBusy = false;
    const asked: unknown[] = [];
    const ends: (() => void)[] = [];
    const own = (async (_: string, { availability }: { availability: string }) => {
      asked.push(availability);
      if (isBusy) await new Promise<void>((resolve) => ends.push(resolve));
      if (availability === 'AWAY') throw refusal;
      return {};
    }) as unknown as Call;
    const { clock, desired, restore } = desiredState(own);
    await desired.setAgentState({ availability: 'ONLINE' });
    isBusy = true;
    const again = recorder(() => busy);
    void restore(again.call);
    const away = desired.setAgentState({ availability: 'AWAY' });
    await clock.advance(5_000);
    expect(again.asked).toHaveLength(1);
    ends[0]?.();
    await expect(away).rejects.toBe(refusal);
    await clock.advance(5_000);
    expect(again.asked).toHaveLength(3);
    void desired.setAgentState({ availability: 'OCCUPIED' });
    ends[1]?.();
    await clock.advance(60_000);
    expect(again.asked).toHaveLength(3);
    expect(asked).toEqual(['ONLINE', 'AWAY', 'OCCUPIED']);
  });

  // verifies: feeds:conversation
  it('tells of what it gives up, however that came about: who was covered by it is so no longer', async () => {
    const { desired, restore } = desiredState();
    const forgotten: unknown[] = [];
    desired.onForgotten((name, body) => forgotten.push([name, body]));
    const given = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    desired.replaceBody(given.subscriptionId, { stage: ['CLOSE'] });
    desired.forget(given.subscriptionId);
    await desired.subscribe('subscribeExConversations', { convState: ['LOCKED'] });
    await desired.setAgentState({ availability: 'ONLINE' });
    const refusing = recorder(() => refusal).call;
    for (const _ of [1, 2]) await expect(restore(refusing)).rejects.toThrow('refused');
    expect(forgotten).toHaveLength(2);
    await restore(refusing);
    expect(forgotten).toEqual([
      ['subscribeExConversations', { stage: ['OPEN'] }],
      ['subscribeExConversations', { stage: ['CLOSE'] }],
      ['subscribeExConversations', { convState: ['LOCKED'] }],
    ]);
  });

  it('counts refusals in a row only', async () => {
    const { desired, refused, restore } = desiredState();
    await desired.subscribe('subscribeExConversations', {});
    const refusing = recorder(() => refusal).call;
    for (const _ of [1, 2]) await expect(restore(refusing)).rejects.toThrow('refused');
    await restore(recorder().call);
    for (const _ of [1, 2]) await expect(restore(refusing)).rejects.toThrow('refused');
    expect(refused).toEqual([]);
  });

  it('passes on that the connection was lost, whatever was refused before', async () => {
    const { desired, restore } = desiredState();
    await desired.subscribe('subscribeExConversations', {});
    await desired.subscribe('subscribeExConversations', {});
    const lost = new ConnectionLostError('lost');
    let isFirst = true;
    const { call } = recorder(() => {
      const failure = isFirst ? refusal : lost;
      isFirst = false;
      return failure;
    });
    await expect(restore(call)).rejects.toBe(lost);
  });
});
