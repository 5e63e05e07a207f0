import { describe, expect, it } from '@jest/globals';
import { createManualClock, RequestRejectedError } from '@lp/core';
import { createLimiter } from '@lp/core/internal';
import { createPositions } from '../../src/cursors/positions.ts';
import { BacklogReader } from '../../src/dialog/backlog.ts';
import { HistoryReader } from '../../src/dialog/history.ts';
import { findUnhandled, type UnhandledParts } from '../../src/dialog/unhandled.ts';
import type { MessagingEvent } from '../../src/inbound/mapping/index.ts';

/** Looks for the place in these dialogs, one history at a time. Gives what happens, and when the event loop goes round. */
async function findIn(dialogIds: readonly string[]): Promise<string[]> {
  const clock = createManualClock();
  const happened: string[] = [];
  const history = new HistoryReader({
    clock,
    pageSize: 200,
    steadiness: { losses: 0, inMs: () => 0 },
    requests: {
      async queryMessages({ dialogId, newerThanSequence = -1 }) {
        if (newerThanSequence >= 0) return [];
        happened.push(`asked for ${dialogId}`);
        await new Promise((resolve) => setImmediate(resolve));
        setImmediate(() => happened.push('went round'));
        return [{ sequence: 0, dialogId, event: { type: 'ContentEvent' } } as unknown as MessagingEvent];
      },
    },
  });
  const parts = {
    dialogs: { clock, history },
    backfills: createLimiter(1),
    positions: createPositions({ clock, agentId: () => 'a' }),
    router: { lastSequence: () => 0 },
  } as unknown as UnhandledParts;
  const find = async (dialogId: string) => {
    const query = { dialogId, conversationId: dialogId, capacity: 10, answered: 'skip' } as const;
    const backlogs = new BacklogReader(history);
    await findUnhandled(parts, query, { backlogs, onPage: () => undefined, signal: new AbortController().signal });
    happened.push(`found ${dialogId}`);
  };
  await Promise.all(dialogIds.map(find));
  return happened;
}

describe('the search for the place in a dialog', () => {
  it('lets the query of the next one leave before it goes on, where they queue up', async () => {
    const happened = await findIn(['one', 'two', 'three']);
    const begun = ['asked for one', 'asked for two', 'went round', 'found one'];
    expect(happened.slice(0, begun.length)).toEqual(begun);
    expect(happened).toContain('found three');
  });

  it('goes on at once where nobody waits', async () => {
    expect(await findIn(['one'])).toEqual(['asked for one', 'found one']);
  });
});

describe('the reading of a long history', () => {
  it.each([
    ['every second one is refused', 2],
    ['every fourth one is refused', 4],
  ])('goes on with the page that failed and begins no other again, where %s', async (_, nth) => {
    const asked: number[] = [];
    const history = new HistoryReader({
      clock: createManualClock(),
      pageSize: 10,
      steadiness: { losses: 0, inMs: () => 0 },
      requests: {
        async queryMessages({ newerThanSequence = -1 }) {
          if (asked.push(newerThanSequence) % nth === 0) throw new RequestRejectedError({ status: 503, type: 'q' });
          const numbers = Array.from({ length: 10 }, (_value, n) => newerThanSequence + 1 + n).filter((n) => n < 95);
          return numbers.map(
            (sequence) => ({ sequence, event: { type: 'ContentEvent' } }) as unknown as MessagingEvent,
          );
        },
      },
    });
    const backlogs = new BacklogReader(history);
    let pages = 0;
    const options = {
      capacity: 20,
      signal: new AbortController().signal,
      known: () => undefined,
      onPage: () => pages++,
    };
    const read = () => backlogs.read({ dialogId: 'd', after: -1 }, options);
    let found = await read().catch(() => undefined);
    for (let tries = 0; tries < 20 && !found; tries++) found = await read().catch(() => undefined);
    expect(found).toMatchObject({ last: 94, complete: false });
    expect(found?.events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_value, n) => n));
    expect([pages, new Set(asked).size]).toEqual([10, 11]);
    // What failed was asked for once more, and nothing else.
    expect(asked).toHaveLength(11 + Math.floor(asked.length / nth));
  });
});
