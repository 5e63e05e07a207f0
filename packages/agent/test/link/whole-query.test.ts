import { describe, expect, it } from '@jest/globals';
import type { MessagingEvent } from '../../src/inbound/mapping/index.ts';
import { wholeQuery } from '../../src/link/whole-query.ts';

const event = (sequence: number) => ({ sequence, dialogId: 'd' }) as unknown as MessagingEvent;

/** A platform with so many events that gives a page from one end of what is asked for. */
function platform(count: number, from: 'oldest' | 'newest', stuck = false) {
  const asked: { newerThanSequence?: number | undefined; olderThanSequence?: number | undefined }[] = [];
  const query = async (body: Parameters<Parameters<typeof wholeQuery>[0]>[0]) => {
    asked.push(body);
    const { newerThanSequence: after = -1, olderThanSequence: before = count, maxQuantity } = body;
    const range = Array.from({ length: count }, (_, n) => n).filter((n) => stuck || (n > after && n < before));
    return (from === 'oldest' ? range.slice(0, maxQuantity) : range.slice(-maxQuantity)).map(event);
  };
  return { asked, query };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => n + from);

describe.each(['oldest', 'newest'] as const)(
  'the whole of a dialog, from a platform that gives the %s first',
  (from) => {
    it('is one query where it fits into a page', async () => {
      const { asked, query } = platform(9, from);
      expect((await wholeQuery(query, { dialogId: 'd' }, 10)).map(({ sequence }) => sequence)).toEqual(numbers(0, 9));
      expect(asked).toEqual([{ dialogId: 'd', maxQuantity: 10 }]);
    });

    it.each([10, 11, 35, 40])('has all %i events in order, asked for ten at a time', async (count) => {
      const { asked, query } = platform(count, from);
      const events = await wholeQuery(query, { dialogId: 'd' }, 10);
      expect(events.map(({ sequence }) => sequence)).toEqual(numbers(0, count));
      expect(asked.length).toBeLessThanOrEqual(Math.ceil(count / 10) + 2);
    });

    it('stays within the bounds that were given', async () => {
      const { query } = platform(60, from);
      const range = { dialogId: 'd', newerThanSequence: 7, olderThanSequence: 41 };
      expect((await wholeQuery(query, range, 10)).map(({ sequence }) => sequence)).toEqual(numbers(8, 41));
    });

    it('ends when nothing new comes, whatever the platform gives', async () => {
      const { asked, query } = platform(50, from, true);
      await wholeQuery(query, { dialogId: 'd' }, 10);
      expect(asked.length).toBeLessThanOrEqual(3);
    });
  },
);
