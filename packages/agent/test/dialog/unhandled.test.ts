import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { createLimiter } from '@lp/core/internal';
import { createPositions } from '../../src/cursors/positions.ts';
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
    await findUnhandled(parts, query, new AbortController().signal);
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
