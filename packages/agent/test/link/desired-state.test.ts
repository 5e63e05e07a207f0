import { describe, expect, it } from '@jest/globals';
import { ConnectionLostError, RequestRejectedError } from '@lp/core';
import type { Call } from '../../src/link/call.ts';
import { DesiredState, type RefusedRestoration } from '../../src/link/desired-state.ts';

const refusal = new RequestRejectedError({ status: 400, type: 'T' });

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
  const refused: RefusedRestoration[] = [];
  return { desired: new DesiredState(call, (what) => refused.push(what)), refused };
}

describe('the desired state', () => {
  it('asks for every subscription and the agent state again, under ids of its own', async () => {
    const { desired } = desiredState();
    const { subscriptionId } = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    await desired.subscribe('subscribeRoutingTasks', {});
    desired.rememberAgentState({ availability: 'ONLINE' });
    const second = recorder();
    await desired.restore(second.call);
    expect(second.asked).toEqual([
      ['subscribeExConversations', { stage: ['OPEN'] }],
      ['subscribeRoutingTasks', {}],
      ['setAgentState', { availability: 'ONLINE' }],
    ]);
    expect(desired.serverIdOf(subscriptionId)).toBe('1');
    expect(desired.serverIdOf('unknown')).toBe('unknown');
  });

  it('never mixes up two subscriptions, although the platform gives the same ids on every connection', async () => {
    const { desired } = desiredState();
    const a = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    const b = await desired.subscribe('subscribeExConversations', { stage: ['CLOSE'] });
    desired.forget(a.subscriptionId);
    await desired.restore(recorder().call);
    const c = await desired.subscribe('subscribeRoutingTasks', {});
    expect(new Set([a, b, c].map(({ subscriptionId }) => subscriptionId)).size).toBe(3);
    const third = recorder();
    await desired.restore(third.call);
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
    const { desired } = desiredState();
    const given = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    const changed = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    desired.forget(given.subscriptionId);
    desired.replaceBody(changed.subscriptionId, { stage: ['CLOSE'] });
    const second = recorder();
    await desired.restore(second.call);
    expect(second.asked).toEqual([['subscribeExConversations', { stage: ['CLOSE'] }]]);
  });

  it('does not remember what the platform refused', async () => {
    const { desired } = desiredState(recorder(() => refusal).call);
    await expect(desired.subscribe('subscribeExConversations', {})).rejects.toBe(refusal);
    const second = recorder();
    await desired.restore(second.call);
    expect(second.asked).toEqual([]);
  });

  // verifies: status:restore-refused
  it('would rather have another connection than a deaf one, and gives up what is refused three times', async () => {
    const { desired, refused } = desiredState();
    const lost: Error[] = [];
    const { subscriptionId } = await desired.subscribe('subscribeAgentsState', {}, undefined, (error) =>
      lost.push(error),
    );
    await desired.subscribe('subscribeRoutingTasks', {});
    const { asked, call } = recorder((name) => (name === 'subscribeAgentsState' ? refusal : undefined));
    for (const _ of [1, 2]) {
      await expect(desired.restore(call)).rejects.toMatchObject({
        code: 'NOT_CONNECTED',
        retryable: true,
        cause: refusal,
      });
    }
    expect(refused).toEqual([]);
    await desired.restore(call);
    expect(refused).toEqual([{ what: 'subscribeAgentsState', subscriptionId, error: refusal }]);
    expect(lost).toEqual([refusal]);
    await desired.restore(call);
    expect(asked).toHaveLength(7);
  });

  // verifies: feeds:conversation
  it('tells of what it gives up, however that came about: who was covered by it is so no longer', async () => {
    const { desired } = desiredState();
    const forgotten: unknown[] = [];
    desired.onForgotten((name, body) => forgotten.push([name, body]));
    const given = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    desired.replaceBody(given.subscriptionId, { stage: ['CLOSE'] });
    desired.forget(given.subscriptionId);
    await desired.subscribe('subscribeExConversations', { convState: ['LOCKED'] });
    desired.rememberAgentState({ availability: 'ONLINE' });
    const refusing = recorder(() => refusal).call;
    for (const _ of [1, 2]) await expect(desired.restore(refusing)).rejects.toThrow('refused');
    expect(forgotten).toHaveLength(2);
    await desired.restore(refusing);
    expect(forgotten).toEqual([
      ['subscribeExConversations', { stage: ['OPEN'] }],
      ['subscribeExConversations', { stage: ['CLOSE'] }],
      ['subscribeExConversations', { convState: ['LOCKED'] }],
    ]);
  });

  it('counts refusals in a row only', async () => {
    const { desired, refused } = desiredState();
    await desired.subscribe('subscribeAgentsState', {});
    const refusing = recorder(() => refusal).call;
    for (const _ of [1, 2]) await expect(desired.restore(refusing)).rejects.toThrow('refused');
    await desired.restore(recorder().call);
    for (const _ of [1, 2]) await expect(desired.restore(refusing)).rejects.toThrow('refused');
    expect(refused).toEqual([]);
  });

  it('passes on that the connection was lost, whatever was refused before', async () => {
    const { desired } = desiredState();
    await desired.subscribe('subscribeAgentsState', {});
    await desired.subscribe('subscribeRoutingTasks', {});
    const lost = new ConnectionLostError('lost');
    const { call } = recorder((name) => (name === 'subscribeAgentsState' ? refusal : lost));
    await expect(desired.restore(call)).rejects.toBe(lost);
  });
});
