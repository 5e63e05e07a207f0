import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ConversationStore } from '../../src/inbound/conversation-store.ts';
import { Identities, type MessagingEvent } from '../../src/inbound/mapping/index.ts';
import type { Reporter } from '../../src/inbound/reporter.ts';
import { Router } from '../../src/inbound/router.ts';

const BOT = { oldId: '12345.777', pid: 'pid-of-the-bot' };
const START = 1_769_463_000_000;

type Json = Record<string, unknown>;

/** What the platform tells this agent of itself, as far as the tests vary it. */
interface Doing {
  readonly sequence: unknown;
  readonly time: unknown;
  readonly dialogId: string;
  readonly by: { readonly oldId: string; readonly pid: string };
  readonly role: string;
  readonly event: Json;
  readonly more: Json;
  readonly conversationId: string | undefined;
  readonly order: 'usual' | 'event first' | 'dialog first';
}

const read = (...sequenceList: number[]): Json => ({ type: 'AcceptStatusEvent', status: 'READ', sequenceList });
const said = (message: unknown): Json => ({ type: 'ContentEvent', message, contentType: 'text/plain' });

const usual: Doing = {
  sequence: 4,
  time: START,
  dialogId: 'dialog-1',
  by: BOT,
  role: 'ASSIGNED_AGENT',
  event: read(3),
  more: {},
  conversationId: 'dialog-1',
  order: 'usual',
};

function recordOf({ by, conversationId, dialogId, event, more, order, role, sequence, time }: Doing): Json {
  const clientProperties = { type: '.ClientProperties', features: ['QUICK_REPLIES'], os: 'LINUX' };
  const who = {
    originatorClientProperties: clientProperties,
    originatorId: by.oldId,
    originatorPId: by.pid,
    originatorMetadata: { id: by.pid, role, clientProperties },
  };
  const where = { ...(conversationId !== undefined && { conversationId }), dialogId, ...more };
  if (order === 'event first') return { sequence, event, ...who, serverTimestamp: time, ...where };
  if (order === 'dialog first') return { sequence, ...who, ...where, serverTimestamp: time, event };
  return { sequence, ...who, serverTimestamp: time, event, ...where };
}

const textOf = (doing: Partial<Doing>): string =>
  JSON.stringify({
    kind: 'notification',
    type: '.ams.ms.OnlineEventDistribution',
    body: recordOf({ ...usual, conversationId: doing.dialogId ?? usual.dialogId, ...doing }),
  });

/** A router that is given texts as the socket gives them, with or without a look at them first. */
function listener({ looks = true } = {}) {
  const identities = new Identities('12345', { userId: '777', agentId: BOT.pid });
  const told: unknown[] = [];
  const report = { status: (event: unknown) => told.push(event) } as unknown as Reporter;
  const platformClock = { see: () => undefined } as never;
  const router = new Router({ identities, store: new ConversationStore(), report, platformClock });
  const heard: MessagingEvent[] = [];
  return {
    router,
    identities,
    told,
    heard,
    listen(dialogId: string): void {
      const hear = (event: MessagingEvent) => void heard.push(event);
      router.attach(dialogId, { live: hear, hint: hear });
    },
    /** Whether it was read without being parsed as a whole. */
    hear(text: string): boolean {
      if (looks && router.absorb(text, 1)) return true;
      let frame: unknown;
      try {
        frame = JSON.parse(text);
      } catch {
        return false;
      }
      router.route(frame as never, 1);
      return false;
    },
  };
}

describe('an own event that comes back', () => {
  const hearTwice = (second: string, first = textOf({})) => {
    const agent = listener();
    for (const dialogId of ['dialog-1', 'dialog-2']) agent.listen(dialogId);
    expect(agent.hear(first)).toBe(false);
    return { agent, isShort: agent.hear(second), last: agent.heard.at(-1) };
  };

  it('is read without what stands in all of them, and is the same as if it had been read whole', () => {
    const text = textOf({
      sequence: 9,
      time: START + 5,
      dialogId: 'dialog-2',
      event: said('"dialogId":"x" }} \u{1F600}\n'),
    });
    const { isShort, last } = hearTwice(text);
    expect(isShort).toBe(true);
    const whole = listener({ looks: false });
    whole.listen('dialog-2');
    whole.hear(text);
    expect(last).toEqual(whole.heard[0]);
    expect(Object.keys(last as object)).toEqual(Object.keys(whole.heard[0] as object));
  });

  it.each<[string, Partial<Doing>]>([
    ['it is somebody else’s', { by: { oldId: '12345.8', pid: 'another' } }],
    ['this agent has another role', { role: 'MANAGER' }],
    ['it has metadata', { more: { metadata: [{ type: 'ExternalId', id: 'x' }] } }],
    ['a field is new', { more: { messageAudience: 'ALL' } }],
    ['its number is none', { sequence: 4.5 }],
    ['its time is none', { time: -1 }],
    ['its dialog is another one of its conversation', { conversationId: 'dialog-2' }],
    ['its dialog’s id is longer', { dialogId: 'dialog-10' }],
    ['its dialog’s id has a quotation mark', { dialogId: 'dialo"1' }],
    ['what happened is not as its type says', { event: { type: 'AcceptStatusEvent', status: 'READ' } }],
    [
      'it is a typing state',
      { sequence: undefined, time: undefined, event: { type: 'ChatStateEvent', chatState: 'PAUSE' } },
    ],
  ])('is read whole when %s', (_, second) => {
    expect(hearTwice(textOf(second)).isShort).toBe(false);
  });

  it('is read whole when its text is broken', () => {
    const text = textOf({ event: said('hello') });
    expect(hearTwice(text.replace('"hello"', '"hel\\qo"')).isShort).toBe(false);
    expect(hearTwice(text.replace('"hello"', '"hel"lo"')).isShort).toBe(false);
    expect(hearTwice(`${text} `).isShort).toBe(false);
  });

  it('is read whole where another field has the dialog’s id too, which would be that of the dialog before', () => {
    const more = (id: string) => ({ dialogId: id, more: { again: id } });
    const { isShort, last } = hearTwice(textOf(more('dialog-2')), textOf(more('dialog-1')));
    expect([isShort, last]).toEqual([false, expect.objectContaining({ again: 'dialog-2' })]);
  });

  it.each<[string, (text: string) => string]>([
    ['its number comes a second time', (text) => text.replace('"originatorId"', '"sequence":4,$&')],
    ['it does so under an escaped name', (text) => text.replace('"originatorId"', '"s\\u0065quence":4,$&')],
    ['there is a body before its body', (text) => text.replace('"originatorId"', '"x":1},"body":{"sequence":4,$&')],
    [
      'another field has the id where its own stands',
      (text) => text.replace('"dialogId"', '"again"').replace('"originatorId"', '"dialogId":"dialog-1",$&'),
    ],
    ['a field is not as its schema says', (text) => text.replace('"ASSIGNED_AGENT"', '5')],
    [
      'it is nested deep',
      (text) => text.replace('"originatorId"', `"x":${'['.repeat(20_000)}${']'.repeat(20_000)},$&`),
    ],
  ])('is read whole where %s', (_, twist) => {
    const [first, second] = [{}, { sequence: 5, time: START + 1, dialogId: 'dialog-2' }].map((doing) =>
      twist(textOf({ ...doing, conversationId: undefined })),
    ) as [string, string];
    const { isShort, last } = hearTwice(second, first);
    const whole = listener({ looks: false });
    for (const dialogId of ['dialog-1', 'dialog-2']) whole.listen(dialogId);
    whole.hear(second);
    const factsOf = (event?: MessagingEvent) => [event?.sequence, event?.serverTimestamp, event?.dialogId];
    expect([isShort, factsOf(last)]).toEqual([false, factsOf(whole.heard[0])]);
  });

  it('has the PID of the session that came since, where it does not say so itself', () => {
    const { body, ...frame } = JSON.parse(textOf({})) as { body: Json };
    const said = Object.entries(body).filter(([key]) => key !== 'originatorPId' && key !== 'originatorMetadata');
    const text = JSON.stringify({ ...frame, body: Object.fromEntries(said) });
    const agents = [listener(), listener({ looks: false })];
    for (const agent of agents) {
      agent.listen('dialog-1');
      for (let time = 0; time < 2; time++) agent.hear(text);
      agent.identities.apply({ userId: '777', agentId: 'its-new-pid' });
      agent.hear(text);
    }
    expect(agents[0]?.heard).toEqual(agents[1]?.heard);
    expect(agents[0]?.heard[2]).not.toEqual(agents[0]?.heard[1]);
  });

  it('goes to nobody twice when somebody who is given it throws', () => {
    const { agent } = hearTwice(textOf({}));
    const error = new Error('boom');
    agent.router.attach('dialog-1', {
      live: () => {
        throw error;
      },
      hint: () => undefined,
    });
    const before = agent.heard.length;
    expect(agent.hear(textOf({ sequence: 8 }))).toBe(true);
    expect(agent.heard).toHaveLength(before + 1);
    expect(agent.told).toEqual([{ type: 'listenerError', notificationType: '.ams.ms.OnlineEventDistribution', error }]);
  });

  it('is read whole for who hears all notifications, after a pair of ids was learnt, and when this agent is another', () => {
    const { agent, isShort } = hearTwice(textOf({}));
    expect(isShort).toBe(true);
    const stream = agent.router.notifications.subscribe({ capacity: 1, overflow: 'drop-oldest' });
    expect(agent.hear(textOf({}))).toBe(false);
    stream.close();
    expect(agent.hear(textOf({}))).toBe(true);
    agent.identities.learn('12345.9', 'pid-9');
    expect([agent.hear(textOf({})), agent.hear(textOf({}))]).toEqual([false, true]);
    agent.identities.apply({ userId: '778', agentId: 'pid-of-the-next' });
    expect([agent.hear(textOf({})), agent.heard.at(-1)?.isMe]).toEqual([false, false]);
  });

  it('shares nothing with the next one, whatever is done to it', () => {
    const { agent } = hearTwice(textOf({}));
    for (const { originatorMetadata, originatorClientProperties } of agent.heard) {
      Object.assign(originatorMetadata as object, { role: 'CONSUMER' });
      ((originatorClientProperties as Json)['features'] as unknown[]).length = 0;
    }
    expect(agent.hear(textOf({}))).toBe(true);
    expect(agent.heard.at(-1)).toMatchObject({
      originatorMetadata: { role: 'ASSIGNED_AGENT', clientProperties: { features: ['QUICK_REPLIES'] } },
      originatorClientProperties: { features: ['QUICK_REPLIES'] },
    });
  });

  it('is taken for a pattern no more where none is like another', () => {
    const agent = listener();
    const odd = (index: number) => textOf({ more: { note: `note ${index}` } });
    for (let index = 0; index < 1_000; index++) agent.hear(odd(index));
    expect([agent.hear(textOf({})), agent.hear(textOf({}))]).toEqual([false, false]);
  });

  it('is the same however it is read', () => {
    const mostly = <T>(usually: fc.Arbitrary<T>, ...others: T[]) =>
      fc.oneof({ arbitrary: usually, weight: 9 }, { arbitrary: fc.constantFrom(...others), weight: 1 });
    const doing = fc.record<Partial<Doing>>({
      sequence: mostly<unknown>(fc.nat(), 2.5, '7', null),
      time: mostly<unknown>(
        fc.nat().map((ms) => START + ms),
        'now',
        undefined,
        1e21,
      ),
      dialogId: mostly(fc.constantFrom('dialog-1', 'dialog-2'), 'dialog-33', 'dialo"1', ''),
      by: mostly(fc.constant(BOT), { oldId: '12345.8', pid: 'another' }),
      role: mostly(fc.constant('ASSIGNED_AGENT'), 'MANAGER'),
      event: fc.oneof(
        fc.nat().map((mark) => read(mark)),
        fc.string().map(said),
        fc.constantFrom<Json>(said(1), { type: 'Beam' }),
      ),
      more: mostly(fc.constant<Json>({}), { messageAudience: 'ALL' }, { again: 'dialog-1' }, { metadata: [] }),
      order: mostly(fc.constant('usual'), 'event first', 'dialog first'),
    });
    let short = 0;
    fc.assert(
      fc.property(fc.array(doing, { minLength: 2, maxLength: 12 }), (all) => {
        const [looking, reading] = [listener(), listener({ looks: false })];
        for (const agent of [looking, reading]) {
          for (const dialogId of ['dialog-1', 'dialog-2', 'dialog-33', 'dialo"1', '']) agent.listen(dialogId);
        }
        for (const text of all.map(textOf)) {
          if (looking.hear(text)) short++;
          reading.hear(text);
        }
        expect([looking.heard, looking.told]).toEqual([reading.heard, reading.told]);
      }),
    );
    expect(short).toBeGreaterThan(50);
  });
});
