import { describe, expect, it } from '@jest/globals';
import { createManualClock, OutcomeUnknownError, RequestRejectedError, RequestTimeoutError } from '@lp/core';
import { type Publisher, publishConfirmed } from '../../src/conversation/confirmed-publish.ts';
import { OwnEvents } from '../../src/conversation/own-events.ts';
import { contentId } from '../../src/conversation/send-ids.ts';
import { HistoryReader } from '../../src/dialog/history.ts';
import type { MessagingEvent } from '../../src/inbound/mapping/index.ts';

const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'hi' } as const;
const body = { dialogId: 'd', event };

type Outcome = 'arrives' | 'is lost' | 'arrives unseen' | Error;

/** A platform whose sends have the outcomes of a script, and whose history may fail or forget metadata. */
function platform(
  script: Outcome[],
  options: { history?: (Error | 'ok')[]; metadata?: 'kept' | 'dropped'; pageSize?: number } = {},
) {
  const clock = createManualClock();
  const history: MessagingEvent[] = [];
  const sends: unknown[] = [];
  let queries = 0;
  const requests = {
    async publishEvent(sent: typeof body, { metadata }: { metadata: object[] }) {
      sends.push(metadata);
      const outcome = script.shift() ?? 'arrives';
      if (outcome instanceof Error) throw outcome;
      if (outcome !== 'is lost') {
        const kept = options.metadata === 'dropped' ? {} : { metadata };
        history.push({ ...sent, ...kept, sequence: history.length, isMe: true } as never);
      }
      if (outcome !== 'arrives') throw new OutcomeUnknownError('lost');
      return { sequence: history.length - 1 };
    },
    async queryMessages({ newerThanSequence = -1 }: { newerThanSequence?: number }) {
      queries++;
      const failure = options.history?.shift();
      if (failure instanceof Error) throw failure;
      return history.filter(({ sequence = -1 }) => sequence > newerThanSequence).slice(0, options.pageSize);
    },
  };
  const router = { lastSequence: () => undefined };
  const reader = new HistoryReader({
    requests,
    pageSize: 200,
    clock,
    steadiness: { losses: 0, inMs: () => 0 },
  } as never);
  const lifetime = { closed: new AbortController().signal };
  const ownEvents = new OwnEvents(100);
  const publisher = { clock, ownEvents, history: reader, lifetime, requests, router } as unknown as Publisher;
  const publish = async (confirmation = {}) => {
    const { sequence } = await publishConfirmed(publisher, body, {}, { after: -1, ...confirmation });
    return { sequence };
  };
  const publishAnywhere = async () => ({ sequence: (await publishConfirmed(publisher, body, {})).sequence });
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined);
    await clock.advance(120_000);
    return await promise;
  };
  return { publish, publishAnywhere, settle, history, sends, queries: () => queries };
}

describe('a confirmed publish', () => {
  it('asks nobody when the response comes', async () => {
    const { publish, queries, sends } = platform(['arrives']);
    expect(await publish()).toEqual({ sequence: 0 });
    expect([queries(), sends.length]).toEqual([0, 1]);
  });

  it('finds what arrived although its response was lost', async () => {
    const { publish, settle, history } = platform(['arrives unseen']);
    expect(await settle(publish())).toEqual({ sequence: 0 });
    expect(history).toHaveLength(1);
  });

  it('looks twice before it sends again what was lost', async () => {
    const { publish, settle, history, queries } = platform(['is lost', 'arrives']);
    expect(await settle(publish())).toEqual({ sequence: 0 });
    expect([history.length, queries()]).toEqual([1, 2]);
  });

  it('keeps its id over all tries', async () => {
    const { publish, settle, sends } = platform(['is lost', 'is lost', 'arrives']);
    await settle(publish());
    expect(sends).toHaveLength(3);
    expect(new Set(sends.map((metadata) => JSON.stringify(metadata))).size).toBe(1);
  });

  it('knows its own content where the history leaves metadata out', async () => {
    const { publish, settle, history } = platform(['arrives unseen'], { metadata: 'dropped' });
    expect(await settle(publish())).toEqual({ sequence: 0 });
    expect(history).toHaveLength(1);
  });

  it('does not take an older message of the same content for its own', async () => {
    const { publish, settle, history } = platform(['arrives', 'is lost', 'arrives'], { metadata: 'dropped' });
    await publish();
    expect(await settle(publish({ after: 0 }))).toEqual({ sequence: 1 });
    expect(history).toHaveLength(2);
  });

  it('takes no event for its own that confirms another send, where the history leaves metadata out', async () => {
    const script: Outcome[] = ['arrives', 'is lost', 'arrives', 'arrives unseen', 'is lost', 'arrives'];
    const { publish, settle, history } = platform(script, { metadata: 'dropped' });
    const ids = ['r0', 'r1', 'r2', 'r3'];
    const sequences: number[] = [];
    for (const id of ids) sequences.push((await settle(publish({ id }))).sequence);
    expect(sequences).toEqual([0, 1, 2, 3]);
    expect(history).toHaveLength(4);
    for (const id of ids) sequences.push((await settle(publish({ id, mayBeThere: true }))).sequence);
    expect(sequences.slice(4)).toEqual([0, 1, 2, 3]);
  });

  it('looks through a history that comes in pages', async () => {
    const { publish, settle, history, sends } = platform(['arrives', 'arrives', 'arrives', 'arrives unseen'], {
      pageSize: 2,
    });
    for (let n = 0; n < 3; n++) await publish({ id: `other ${n}` });
    expect(await settle(publish())).toEqual({ sequence: 3 });
    expect([history.length, sends.length]).toEqual([4, 4]);
  });

  it('learns where the dialog is before it sends, so that the same words said before are not taken for its own', async () => {
    const { settle, history, publishAnywhere } = platform(['arrives', 'is lost', 'arrives'], { metadata: 'dropped' });
    await settle(publishAnywhere());
    expect(await settle(publishAnywhere())).toEqual({ sequence: 1 });
    expect(history).toHaveLength(2);
  });

  it('waits for a history that cannot be read for now', async () => {
    const trouble = [
      new RequestTimeoutError('late'),
      new RequestRejectedError({ status: 500, type: 'T' }),
      'ok' as const,
    ];
    const { publish, settle, history } = platform(['arrives unseen'], { history: trouble });
    expect(await settle(publish())).toEqual({ sequence: 0 });
    expect(history).toHaveLength(1);
  });

  it('says that it does not know when the history cannot be read for good', async () => {
    const refusal = new RequestRejectedError({ status: 400, type: 'T' });
    const { publish, settle } = platform(['arrives unseen'], { history: [refusal] });
    await expect(settle(publish())).rejects.toThrow(OutcomeUnknownError);
  });

  it('gives up after five sends that left no trace', async () => {
    const { publish, settle, sends } = platform(['is lost', 'is lost', 'is lost', 'is lost', 'is lost', 'arrives']);
    await expect(settle(publish())).rejects.toThrow(OutcomeUnknownError);
    expect(sends).toHaveLength(5);
  });

  it('rejects at once when the platform refuses it', async () => {
    const { publish, sends, queries } = platform([new RequestRejectedError({ status: 500, type: 'T' })]);
    await expect(publish()).rejects.toThrow(RequestRejectedError);
    expect([sends.length, queries()]).toEqual([1, 0]);
  });

  it('that may be there already is looked for first', async () => {
    const { publish, history, sends } = platform([]);
    const first = await publish({ id: 're-1', mayBeThere: true });
    expect(await publish({ id: 're-1', mayBeThere: true })).toEqual(first);
    expect([history.length, sends.length]).toEqual([1, 1]);
  });

  it('that answers a long backlog reads each page of the history once, not once for each answer', async () => {
    const { publish, history, queries } = platform([], { pageSize: 10 });
    const mark = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] };
    for (let n = 0; n < 400; n++) history.push({ ...body, sequence: n, isMe: false } as never);
    for (let n = 0; n < 200; n++) {
      await publish({ id: `re-${n}`, after: n, mayBeThere: true });
      history.push({ dialogId: 'd', event: mark, sequence: history.length, isMe: true } as never);
    }
    expect(history).toHaveLength(400 + 2 * 200);
    expect(queries()).toBeLessThan(400 / 10 + 3 * 200);
    for (let n = 0; n < 50; n++) {
      expect(await publish({ id: `re-${n}`, after: n, mayBeThere: true })).toEqual({ sequence: 400 + 2 * n });
    }
    expect(history).toHaveLength(400 + 2 * 200);
  });

  it('finds each of several that are looked for at the same time', async () => {
    const { publish, history } = platform([], { pageSize: 2 });
    const answerAll = () =>
      Promise.all(Array.from({ length: 5 }, (_, n) => publish({ id: `re-${n}`, after: n, mayBeThere: true })));
    for (let n = 0; n < 5; n++) history.push({ ...body, sequence: n, isMe: false } as never);
    const first = await answerAll();
    expect(await answerAll()).toEqual(first);
    expect(history).toHaveLength(10);
  });

  it('that answers an older message than was searched for reads from there', async () => {
    const { publish, history } = platform([]);
    for (let n = 0; n < 3; n++) history.push({ ...body, sequence: n, isMe: false } as never);
    await publish({ id: 're-0', after: 0 });
    await publish({ id: 're-9', after: 3, mayBeThere: true });
    expect(await publish({ id: 're-0', after: 0, mayBeThere: true })).toEqual({ sequence: 3 });
    expect(history).toHaveLength(5);
  });
});

describe('the id of an answer', () => {
  const message = { dialogId: 'd', sequence: 7, recovered: false };
  const idOf = (changes = {}, content: typeof event = event) => contentId({ ...message, ...changes }, content).id;

  it('is the same for the same answer to the same message, and fits into the platform\u2019s 64 characters', () => {
    expect(idOf()).toBe(idOf({}, { ...event }));
    expect(idOf({ sequence: 2 ** 53 - 1 }).length).toBeLessThanOrEqual(64);
  });

  it('is another for another content, message or dialog', () => {
    const ids = [
      idOf(),
      idOf({}, { ...event, message: 'ho' } as never),
      idOf({ sequence: 8 }),
      idOf({ dialogId: 'e' }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('is another each time the same is said to the same message in one run, and the same ones in the next', () => {
    const threeOf = (one: typeof message) => [1, 2, 3].map(() => contentId(one, event));
    const run = threeOf({ ...message });
    expect(new Set(run).size).toBe(3);
    expect(threeOf({ ...message })).toEqual(run);
  });
});
