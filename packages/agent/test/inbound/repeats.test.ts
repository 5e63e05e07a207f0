import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { briefOf, ConversationStore } from '../../src/inbound/conversation-store.ts';
import { Identities } from '../../src/inbound/mapping/index.ts';
import type { Reporter } from '../../src/inbound/reporter.ts';
import { Router } from '../../src/inbound/router.ts';

const CONSUMER = 'a-consumer';
const BOT = { userId: '12345.777', pid: 'pid-of-the-bot' };
const START = 1_769_463_000_000;

type Json = Record<string, unknown>;

/** What the platform says in one notification, as far as the tests vary it. */
interface Saying {
  readonly conversation: string;
  readonly time: number;
  readonly dialogTime: number | undefined;
  readonly sequence: number | undefined;
  readonly by: 'consumer' | 'agent';
  readonly text: string;
  readonly participants: readonly string[];
  readonly more: Json;
  readonly order: 'usual' | 'counts first' | 'details last' | 'dialogs last';
  readonly subscriptionId: string;
}

const usual: Saying = {
  conversation: 'c1',
  time: START,
  dialogTime: START,
  sequence: 0,
  by: 'consumer',
  text: 'hello',
  participants: [BOT.userId],
  more: {},
  order: 'usual',
  subscriptionId: 'sub-1',
};

function eventOf({ conversation, sequence, by, text }: Saying): Json {
  const isConsumer = by === 'consumer';
  return {
    sequence,
    originatorId: isConsumer ? CONSUMER : BOT.userId,
    originatorMetadata: { id: isConsumer ? CONSUMER : BOT.pid, role: isConsumer ? 'CONSUMER' : 'ASSIGNED_AGENT' },
    serverTimestamp: START + (sequence ?? 0),
    event: { type: 'ContentEvent', message: text, contentType: 'text/plain' },
    dialogId: conversation,
  };
}

function resultOf(saying: Saying): Json {
  const { conversation, time, dialogTime, sequence, participants, more, order } = saying;
  const dialogs = [
    {
      dialogId: conversation,
      dialogType: 'MAIN',
      state: 'OPEN',
      ...(dialogTime && { metaDataLastUpdateTs: dialogTime }),
    },
  ];
  const facts = {
    convId: conversation,
    participants: { CONSUMER: [CONSUMER], ASSIGNED_AGENT: participants },
    participantsPId: { CONSUMER: [CONSUMER], ASSIGNED_AGENT: participants.map((id) => `pid of ${id}`) },
    stage: 'OPEN',
    state: 'OPEN',
  };
  const details =
    order === 'dialogs last'
      ? { ...facts, metaDataLastUpdateTs: time, ...more, dialogs }
      : { ...facts, dialogs, metaDataLastUpdateTs: time, ...more };
  const about = { numberOfunreadMessages: { [CONSUMER]: sequence ?? 0 }, lastUpdateTime: time };
  const last = sequence === undefined ? {} : { lastContentEventNotification: eventOf(saying) };
  if (order === 'counts first') return { convId: conversation, ...about, conversationDetails: details, ...last };
  return order === 'details last'
    ? { convId: conversation, ...about, ...last, conversationDetails: details }
    : { convId: conversation, effectiveTTR: time % 2 ? -1 : 1_200, conversationDetails: details, ...about, ...last };
}

function notificationOf(saying: Saying, type = 'UPSERT'): string {
  const body = {
    subscriptionId: saying.subscriptionId,
    sentTs: saying.time,
    changes: [{ type, result: resultOf(saying) }],
  };
  return JSON.stringify({ kind: 'notification', type: '.ams.aam.ExConversationChangeNotification', body });
}

const messageOf = (saying: Saying): string =>
  JSON.stringify({ kind: 'notification', type: '.ams.ms.OnlineEventDistribution', body: eventOf(saying) });

/** A router that is given texts as the socket gives them, with or without a look at them first. */
function listener({ looks }: { looks: boolean }) {
  const store = new ConversationStore();
  const identities = new Identities('12345', { userId: '777', agentId: BOT.pid });
  const told: unknown[] = [];
  /** What those who hear of all changes are given. */
  const given: unknown[] = [];
  let stop: (() => void) | undefined;
  const report = { status: (event: unknown) => told.push(event) } as unknown as Reporter;
  const platformClock = { see: () => undefined } as never;
  const router = new Router({ identities, store, report, platformClock });
  store.onChange(({ details, ended, gone }, change, before) => {
    // What is left out of a brief is not compared: who has only that asks for no more.
    if (stop) given.push(structuredClone({ details, ended, gone, change, roles: before?.myRoles }));
  });
  /** The highest number that each of those who listen has heard of. */
  const heard: number[] = [];
  let absorbed = 0;
  return {
    router,
    store,
    identities,
    told,
    heard,
    given,
    /** Begins to hear of all changes, or ends that. */
    hearAll(): void {
      if (!stop) {
        const stream = router.conversationChanges.subscribe({ capacity: 1, overflow: 'drop-oldest' });
        stop = () => stream.close();
        return;
      }
      stop();
      stop = undefined;
    },
    listen(dialogId: string): void {
      const index = heard.push(-1) - 1;
      const hear = ({ sequence = -1 }: { sequence?: number | undefined }) => {
        heard[index] = Math.max(heard[index] ?? -1, sequence);
      };
      router.attach(dialogId, { live: hear, hint: hear });
    },
    get absorbed() {
      return absorbed;
    },
    hear(text: string, epoch = 1): boolean {
      if (looks && router.absorb(text, epoch)) {
        absorbed++;
        return true;
      }
      router.route(JSON.parse(text) as never, epoch);
      return false;
    },
  };
}

/** The first of these nine times out of ten. */
function mostly<T>(usually: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(usually), weight: 9 }, { arbitrary: fc.constantFrom(...others), weight: 1 });
}

describe('what the platform tells again', () => {
  const hearTwice = (first: Partial<Saying>, second: Partial<Saying>, epoch = 1) => {
    const agent = listener({ looks: true });
    for (const text of [messageOf(usual), messageOf({ ...usual, sequence: 1 })]) agent.hear(text);
    agent.hear(notificationOf({ ...usual, ...first }));
    return { agent, isAbsorbed: agent.hear(notificationOf({ ...usual, ...second }), epoch) };
  };

  it('is not read again when times, counts and a known last event alone are new, and its times are taken over', () => {
    const second = { time: START + 5, dialogTime: START + 7, sequence: 1, by: 'agent', text: 'an answer\n' } as const;
    const { agent, isAbsorbed } = hearTwice({}, second);
    expect(isAbsorbed).toBe(true);
    const { details } = agent.store.get('c1');
    expect(details).toMatchObject({ metaDataLastUpdateTs: START + 5, myRole: 'ASSIGNED_AGENT' });
    expect(details?.dialogs).toMatchObject([{ dialogId: 'c1', metaDataLastUpdateTs: START + 7 }]);
    expect(agent.store.get('c1').details).toBe(details);
  });

  it('is not read again when blanks stand before its times', () => {
    const { agent } = hearTwice({}, {});
    const text = notificationOf({ ...usual, time: START + 5, dialogTime: START + 7 });
    expect(agent.hear(text.replaceAll('"metaDataLastUpdateTs":', '"metaDataLastUpdateTs":  '))).toBe(true);
    const dialogs = [{ metaDataLastUpdateTs: START + 7 }];
    expect(agent.store.get('c1').details).toMatchObject({ metaDataLastUpdateTs: START + 5, dialogs });
  });

  it.each<[string, Partial<Saying>]>([
    ['somebody has come', { participants: [BOT.userId, '12345.8'] }],
    ['a field is new', { more: { note: 'angry' } }],
    ['a field of the description is called as one of the last event', { more: { context: { sequence: 4 } } }],
    ['its last event has not come yet', { sequence: 2 }],
    ['it is another conversation', { conversation: 'c2' }],
    ['its time is no whole number', { time: START + 0.5 }],
  ])('is read when %s', (_, second) => {
    expect(hearTwice({}, second).isAbsorbed).toBe(false);
  });

  it('is read on another connection, after ids were learnt or the session became that of another, and where somebody listens', () => {
    expect(hearTwice({}, {}, 2).isAbsorbed).toBe(false);
    const { agent } = hearTwice({}, {});
    const text = notificationOf(usual);
    expect(agent.hear(text)).toBe(true);
    agent.identities.learn('12345.9', 'pid-9');
    expect([agent.hear(text), agent.hear(text)]).toEqual([false, true]);
    agent.identities.apply({ userId: '778', agentId: 'pid of another' });
    expect([agent.hear(text), agent.store.get('c1').details?.myRole, agent.hear(text)]).toEqual([
      false,
      undefined,
      true,
    ]);
    const unfollow = agent.store.follow('c1', () => undefined);
    expect(agent.hear(text)).toBe(false);
    unfollow();
    const stream = agent.router.conversationChanges.subscribe({ capacity: 1, overflow: 'drop-oldest' });
    expect(agent.hear(text)).toBe(false);
    stream.close();
    expect(agent.hear(text)).toBe(true);
  });

  it('is read once by who begins to work with the conversation, or with all', () => {
    const { agent } = hearTwice({}, {});
    const text = notificationOf(usual);
    for (const doubted of [undefined, 'c1', 'c2']) {
      agent.store.doubt(doubted);
      expect([agent.hear(text), agent.hear(text)]).toEqual([doubted === 'c2', true]);
    }
  });

  it('is read for who hears all changes, and given to him whole, while the text alone is kept', async () => {
    const agent = listener({ looks: true });
    const stream = agent.router.conversationChanges.subscribe({ capacity: 10, overflow: 'drop-oldest' });
    const hear = (time: number) => agent.hear(notificationOf({ ...usual, sequence: undefined, time: START + time }));
    expect([hear(1), hear(3), hear(2)]).toEqual([false, false, false]);
    stream.close();
    const given: unknown[] = [];
    for await (const { result } of stream) {
      const details = result.conversationDetails as unknown as {
        myRoles: string[];
        participants: { userId: string }[];
      };
      given.push(structuredClone(details));
      details.myRoles.length = 0;
      for (const participant of details.participants) participant.userId = 'somebody else';
    }
    const mine = { myRoles: ['ASSIGNED_AGENT'] };
    expect(given).toMatchObject([1, 3].map((time) => ({ ...mine, metaDataLastUpdateTs: START + time })));
    const state = agent.store.get('c1');
    expect(state.told).toMatchObject({ updated: START + 3 });
    expect(briefOf(state)).toMatchObject({ ...mine, participants: [{ userId: CONSUMER }] });
    expect(state.details).toMatchObject({ ...mine, metaDataLastUpdateTs: START + 3 });
  });

  it('leaves out what is older, as if it had been read', () => {
    const { agent, isAbsorbed } = hearTwice({}, { time: START - 1, dialogTime: START - 1 });
    expect(isAbsorbed).toBe(true);
    expect(agent.store.get('c1').details).toMatchObject({ metaDataLastUpdateTs: START });
  });

  it('knows what is older after a text was told again in which something else is called as its time', () => {
    const agent = listener({ looks: true });
    const text = notificationOf({
      ...usual,
      sequence: undefined,
      time: START + 5,
      more: { context: { metaDataLastUpdateTs: 3 } },
    });
    expect([agent.hear(text), agent.hear(text)]).toEqual([false, true]);
    agent.hear(notificationOf({ ...usual, time: START + 1, more: { note: 'of an earlier time' } }));
    const { details } = agent.store.get('c1');
    expect(details).toMatchObject({ metaDataLastUpdateTs: START + 5 });
    expect(details).not.toHaveProperty('note');
  });

  it('is compared as a whole where a time is spelled otherwise and something else is called so', () => {
    const agent = listener({ looks: true });
    const hear = (time: number) => {
      const more = { context: { metaDataLastUpdateTs: 3 } };
      const text = notificationOf({ ...usual, sequence: undefined, dialogTime: 7, time, more });
      return agent.hear(text.replace('"metaDataLastUpdateTs":7', '"metaDataLastUpdate\\u0054s":7'));
    };
    expect([hear(START), hear(START), hear(START + 5)]).toEqual([false, true, false]);
    expect(agent.store.get('c1').details).toMatchObject({ metaDataLastUpdateTs: START + 5 });
  });

  it.each([
    ['a fraction', '1769463000000.5', '1769463000001.5'],
    ['an exponent', '1.769463e12', '2.769463e12'],
  ])('is read when its times are numbers with %s', (_, first, second) => {
    const agent = listener({ looks: true });
    const hear = (time: string) => {
      const text = notificationOf({ ...usual, sequence: undefined, dialogTime: undefined });
      return agent.hear(text.replace(`"metaDataLastUpdateTs":${START}`, `"metaDataLastUpdateTs":${time}`));
    };
    expect([hear(first), hear(second), hear(second)]).toEqual([false, false, true]);
    expect(agent.store.get('c1').details).toMatchObject({ metaDataLastUpdateTs: Number(second) });
    expect(hear(first)).toBe(false);
    expect(agent.store.get('c1').details).toMatchObject({ metaDataLastUpdateTs: Number(second) });
  });

  it.each(['😀', 'Łódź', '\ud83d'])(
    'is known again from a text with %j in the last event and in the description',
    (text) => {
      const agent = listener({ looks: true });
      agent.hear(messageOf(usual));
      const hear = (time: number, more: Json) =>
        agent.hear(notificationOf({ ...usual, text, more, time: START + time }));
      expect([hear(1, {}), hear(2, {})]).toEqual([false, true]);
      const more = { note: 'a “note”' };
      expect([hear(3, more), hear(4, more), agent.hear(notificationOf({ ...usual, more }))]).toEqual([
        false,
        true,
        true,
      ]);
      expect(agent.store.get('c1').details).toMatchObject({ ...more, metaDataLastUpdateTs: START + 4 });
    },
  );

  it('keeps nothing that it has handed out', () => {
    const agent = listener({ looks: true });
    const given: unknown[] = [];
    const unfollow = agent.store.follow('c1', (_, { result }) => given.push(result.conversationDetails));
    const text = notificationOf({ ...usual, sequence: undefined });
    agent.hear(text);
    unfollow();
    const [details] = given as [{ myRoles: string[]; participants: { userId: string }[] }];
    details.myRoles.length = 0;
    for (const participant of details.participants) participant.userId = 'somebody else';
    expect([agent.hear(text), agent.hear(text)]).toEqual([false, true]);
    expect(briefOf(agent.store.get('c1'))).toMatchObject({
      myRoles: ['ASSIGNED_AGENT'],
      participants: [{ userId: CONSUMER }],
    });
  });

  it('is read for who has begun to listen since: only the last event may tell of what a history lacks', () => {
    const { agent } = hearTwice({ sequence: 1 }, { sequence: 1 });
    const text = notificationOf({ ...usual, sequence: 1 });
    const heard: unknown[] = [];
    const listen = () =>
      agent.router.attach('c1', {
        live: ({ sequence }) => heard.push(['live', sequence]),
        hint: ({ sequence }) => heard.push(['hint', sequence]),
      });
    const stop = listen();
    expect([agent.hear(text), agent.hear(text)]).toEqual([false, true]);
    expect(heard).toEqual([['hint', 1]]);
    stop();
    listen();
    agent.hear(messageOf({ ...usual, sequence: 2 }));
    expect(agent.hear(notificationOf({ ...usual, sequence: 2 }))).toBe(true);
    expect(heard.slice(1)).toEqual([['live', 2]]);
  });

  it('is read when the conversation was told otherwise meanwhile, among others: comparing texts alone would keep that', () => {
    const { agent } = hearTwice({}, {});
    const among = JSON.parse(notificationOf({ ...usual, more: { note: 'angry' } })) as { body: { changes: unknown[] } };
    among.body.changes.push({ type: 'UPSERT', result: resultOf({ ...usual, conversation: 'c2' }) });
    agent.hear(JSON.stringify(among));
    expect(agent.store.get('c1').details).toMatchObject({ note: 'angry' });
    expect(agent.hear(notificationOf(usual))).toBe(false);
    expect(agent.store.get('c1').details).not.toHaveProperty('note');
  });

  it.each<[string, string, number | undefined]>([
    ['another conversation', 'UPSERT', 0],
    ['another conversation, neither with a last event', 'UPSERT', undefined],
    ['a conversation that is taken away, neither with a last event', 'DELETE', undefined],
  ])('is read when %s follows in the same notification', (_, type, sequence) => {
    const { agent } = hearTwice({}, {});
    agent.hear(notificationOf({ ...usual, conversation: 'c2', sequence: undefined }));
    const two = JSON.parse(notificationOf({ ...usual, sequence })) as { body: { changes: unknown[] } };
    two.body.changes.push({
      type,
      result: resultOf({ ...usual, conversation: 'c2', sequence, more: { note: 'news' } }),
    });
    expect(agent.hear(JSON.stringify(two))).toBe(false);
    const { details } = agent.store.get('c2');
    expect(details?.['note']).toBe(type === 'DELETE' ? undefined : 'news');
  });

  it.each([
    ['a response', '"kind":"notification"', '"kind":"resp","reqId":"7"'],
    ['a notification of another type', 'ExConversationChangeNotification', 'ExConversationNewsNotification'],
    ['a conversation that is taken away', '"type":"UPSERT"', '"type":"DELETE"'],
    ['another conversation with the same description', '"result":{"convId":"c1"', '"result":{"convId":"c3"'],
    ['a notification with a second description', '"sentTs":', '"conversationDetails":{},"sentTs":'],
    ['a last event of another dialog', '"dialogId":"c1"}}}]', '"dialogId":"survey"}}}]'],
  ])('is read when it is %s', (_, part, other) => {
    const { agent } = hearTwice({}, {});
    const text = notificationOf(usual);
    expect(text).toContain(part);
    expect(agent.router.absorb(text.replace(part, other), 1)).toBe(false);
  });

  it('keeps few texts where none of them repeats', () => {
    const agent = listener({ looks: true });
    const kept: boolean[] = [];
    for (let count = 0; count < 10_800; count++) {
      agent.hear(notificationOf({ ...usual, sequence: undefined, more: { note: `note ${count}` } }));
      kept.push(agent.store.get('c1').told !== undefined);
    }
    expect(kept.slice(0, 10_000).every(Boolean)).toBe(true);
    expect(kept.slice(10_000).filter(Boolean)).toHaveLength(800 / 16);
  });

  it('leaves the same behind as reading all of it', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '\\', '","sequence":7,"x":"', '\n'));
    const order = fc.constantFrom<Saying['order'][]>('usual', 'counts first', 'details last', 'dialogs last');
    const step = fc.record({
      conversation: mostly('c1', 'c2'),
      time: fc.integer({ min: 0, max: 4 }),
      dialogTime: mostly<number | undefined>(1, 2, undefined),
      sequence: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      by: fc.constantFrom('consumer' as const, 'agent' as const),
      text,
      participants: mostly([BOT.userId], ['12345.8']),
      more: mostly<Json>({}, { note: 'x' }, { 7: 1 }, { context: { metaDataLastUpdateTs: 3 } }),
      type: mostly('UPSERT', 'DELETE'),
      comesByItself: fc.boolean(),
      epoch: mostly(1, 2),
      begins: mostly(false, true),
      hearsAll: mostly(false, true),
    });
    let absorbed = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 20 }), order, (steps, order) => {
        const [reader, comparer] = [listener({ looks: false }), listener({ looks: true })];
        for (const { time, dialogTime, type, comesByItself, epoch, begins, hearsAll, ...rest } of steps) {
          if (hearsAll) for (const agent of [reader, comparer]) agent.hearAll();
          if (begins) for (const agent of [reader, comparer]) agent.listen(rest.conversation);
          const times = { time: START + time, dialogTime: dialogTime === undefined ? undefined : START + dialogTime };
          const saying: Saying = { ...rest, ...times, order, subscriptionId: 'sub-1' };
          const texts = [notificationOf(saying, type)];
          if (comesByItself && saying.sequence !== undefined) texts.unshift(messageOf(saying));
          for (const frame of texts) for (const agent of [reader, comparer]) agent.hear(frame, epoch);
          for (const id of ['c1', 'c2']) {
            const { details, ended, gone } = reader.store.get(id);
            expect(comparer.store.get(id)).toMatchObject({ ended, gone });
            expect(comparer.store.get(id).details).toEqual(details);
            expect(comparer.router.lastSequence(id)).toBe(reader.router.lastSequence(id));
          }
          expect(comparer.heard).toEqual(reader.heard);
          expect(comparer.given).toEqual(reader.given);
        }
        expect(comparer.told).toEqual(reader.told);
        absorbed += comparer.absorbed;
      }),
      { numRuns: 200 },
    );
    expect(absorbed).toBeGreaterThan(100);
  });
});
