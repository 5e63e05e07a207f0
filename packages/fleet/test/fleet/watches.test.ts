import { describe, expect, it } from '@jest/globals';
import type { Agent, ConversationChange, MessagingEvent } from '@lp/agent';
import { Broadcast } from '@lp/core/internal';
import { watchLoad } from '../../src/fleet/watch-load.ts';
import { watchRepetitions } from '../../src/fleet/watch-repetitions.ts';
import { Caution } from '../../src/worker/caution.ts';
import { LoadMeter } from '../../src/worker/load-meter.ts';
import { createTime, turn } from '../support.ts';

function createAgent() {
  const events = new Broadcast<MessagingEvent>();
  const changes = new Broadcast<ConversationChange>();
  const agent = {
    messagingEvents: () => events.subscribe({ capacity: 10, overflow: 'fail' }),
    conversationChanges: () => changes.subscribe({ capacity: 10, overflow: 'drop-oldest' }),
  } as unknown as Agent;
  return { agent, changes, events };
}

const said = (sequence: number, id: string | undefined, rest: object = {}): MessagingEvent =>
  ({
    dialogId: 'd1',
    sequence,
    isMe: true,
    event: { type: 'ContentEvent', message: 'echo' },
    metadata: id === undefined ? undefined : [{ type: 'ExternalId', id }],
    ...rest,
  }) as unknown as MessagingEvent;

describe('answers that come twice', () => {
  async function watch() {
    const { agent, events } = createAgent();
    const { clock, elapsed } = createTime();
    const caution = new Caution(elapsed, 1_000);
    caution.begin();
    const repeated: [string, number][] = [];
    const watching = watchRepetitions(agent, caution, (dialogId, sequence) => repeated.push([dialogId, sequence]));
    await turn();
    return { caution, clock, events, repeated, watching };
  }

  it('are told of, each once more', async () => {
    const { events, repeated, watching } = await watch();
    for (const event of [said(1, 'a'), said(2, 'b'), said(3, 'a'), said(4, 'a')]) events.publish(event);
    events.end();
    await watching;
    expect(repeated).toEqual([
      ['d1', 3],
      ['d1', 4],
    ]);
  });

  it('are neither the same event told twice, nor one of another dialog, of somebody else, without an id, or a mark', async () => {
    const { events, repeated, watching } = await watch();
    const others = [
      said(1, 'a'),
      said(1, 'a'),
      said(2, 'a', { dialogId: 'd2' }),
      said(3, 'a', { isMe: false }),
      said(4, undefined),
      said(5, undefined),
      said(6, 'a', { event: { type: 'AcceptStatusEvent' } }),
    ];
    for (const event of others) events.publish(event);
    events.end();
    await watching;
    expect(repeated).toEqual([]);
  });

  it('are looked for only as long as the owner before may be heard of', async () => {
    const { clock, events, repeated, watching } = await watch();
    events.publish(said(1, 'a'));
    await turn();
    clock.jump(1_000);
    events.publish(said(2, 'a'));
    await watching;
    expect(repeated).toEqual([]);
  });

  it('are not looked for at all after a login was let go of', async () => {
    const { agent } = createAgent();
    const { elapsed } = createTime();
    agent.messagingEvents = () => {
      throw new Error('nobody asked for it');
    };
    await expect(watchRepetitions(agent, new Caution(elapsed, 1_000), () => undefined)).resolves.toBeUndefined();
  });

  it('do not matter any more when the stream fails', async () => {
    const { events, watching } = await watch();
    for (let sequence = 0; sequence < 20; sequence++) events.publish(said(sequence, `${sequence}`));
    await expect(watching).resolves.toBeUndefined();
  });
});

describe('the load of an agent', () => {
  const change = (sequence: number, rest: object = {}, type: 'UPSERT' | 'DELETE' = 'UPSERT'): ConversationChange =>
    ({
      type,
      result: {
        convId: 'c1',
        lastContentEventNotification: {
          dialogId: 'd1',
          sequence,
          isMe: false,
          serverTimestamp: Date.now() - 2_000,
          originatorMetadata: { role: 'CONSUMER' },
          ...rest,
        },
      },
    }) as unknown as ConversationChange;

  it.each<[string, ConversationChange[], number]>([
    ['a consumer who has said something', [change(3)], 1],
    ['the same one, told twice', [change(3), change(3)], 1],
    ['what the bot has said', [change(3, { isMe: true })], 0],
    ['what somebody else has said', [change(3, { originatorMetadata: { role: 'MANAGER' } })], 0],
    ['a conversation that has ended', [change(3), change(3, {}, 'DELETE')], 0],
    [
      'a conversation in which nothing was said',
      [{ type: 'UPSERT', result: { convId: 'c1' } } as unknown as ConversationChange],
      0,
    ],
  ])('counts %s', async (_what, told, unhandled) => {
    const { agent, changes } = createAgent();
    const load = new LoadMeter();
    const watching = watchLoad(agent, load);
    await turn();
    for (const one of told) changes.publish(one);
    changes.end();
    await watching;
    expect(load.read().unhandled).toBe(unhandled);
    expect(load.read().oldestUnhandledMs >= 1_900).toBe(unhandled > 0);
  });

  it('ends quietly with an agent that fails', async () => {
    const agent = {
      conversationChanges: () => {
        throw new Error('closed');
      },
    } as unknown as Agent;
    await expect(watchLoad(agent, new LoadMeter())).resolves.toBeUndefined();
  });
});
