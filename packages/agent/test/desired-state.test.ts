import { describe, expect, it } from '@jest/globals';
import { ConnectionLostError, NotConnectedError, RequestRejectedError } from '@lp/core';
import type { Call } from '../src/call.ts';
import { DesiredState } from '../src/desired-state.ts';

/** Records what is asked for and answers with growing server ids. */
function recorder(prefix: string, fails?: Error) {
  const asked: unknown[] = [];
  const call = (async (name: string, body: object) => {
    if (fails) throw fails;
    asked.push([name, body]);
    return { subscriptionId: `${prefix}${asked.length}` };
  }) as unknown as Call;
  return { asked, call };
}

describe('the desired state', () => {
  it('asks for every subscription and the agent state again, under the ids handed out at first', async () => {
    const first = recorder('a');
    const desired = new DesiredState(first.call);
    const { subscriptionId } = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    await desired.subscribe('subscribeRoutingTasks', {});
    desired.rememberAgentState({ availability: 'ONLINE' });
    const second = recorder('b');
    await desired.restore(second.call);
    expect(second.asked).toEqual([
      ['setAgentState', { availability: 'ONLINE' }],
      ['subscribeExConversations', { stage: ['OPEN'] }],
      ['subscribeRoutingTasks', {}],
    ]);
    expect(subscriptionId).toBe('a1');
    expect(desired.serverIdOf(subscriptionId)).toBe('b2');
    expect(desired.serverIdOf('unknown')).toBe('unknown');
  });

  it('does not ask again for what was given up, and asks with the newest filter', async () => {
    const desired = new DesiredState(recorder('a').call);
    const given = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    const changed = await desired.subscribe('subscribeExConversations', { stage: ['OPEN'] });
    desired.forget(given.subscriptionId);
    desired.replaceBody(changed.subscriptionId, { stage: ['CLOSE'] });
    const second = recorder('b');
    await desired.restore(second.call);
    expect(second.asked).toEqual([['subscribeExConversations', { stage: ['CLOSE'] }]]);
  });

  it('does not remember what the platform refused', async () => {
    const refusal = new RequestRejectedError({ status: 400, type: 'T' });
    const desired = new DesiredState(recorder('a', refusal).call);
    await expect(desired.subscribe('subscribeExConversations', {})).rejects.toBe(refusal);
    const second = recorder('b');
    await desired.restore(second.call);
    expect(second.asked).toEqual([]);
  });

  it('would rather have another connection than a deaf one', async () => {
    const desired = new DesiredState(recorder('a').call);
    await desired.subscribe('subscribeExConversations', {});
    const refusal = new RequestRejectedError({ status: 400, type: 'T' });
    await expect(desired.restore(recorder('b', refusal).call)).rejects.toMatchObject({
      code: new NotConnectedError('').code,
      retryable: true,
      cause: refusal,
    });
    const lost = new ConnectionLostError('lost');
    await expect(desired.restore(recorder('b', lost).call)).rejects.toBe(lost);
  });
});
