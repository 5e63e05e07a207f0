import type { MessagingEvent } from '../inbound/mapping/index.ts';

/**
 * Reads a dialog's history to its end. The platform does not say whether more follows a page, so the end is a page with
 * nothing new; its bound may include its own number, and events may be repeated.
 */
export async function readHistory(
  query: (after: number) => Promise<readonly MessagingEvent[]>,
  from: number,
): Promise<MessagingEvent[]> {
  const events: MessagingEvent[] = [];
  for (let after = from; ; ) {
    const fresh = (await query(after)).filter(({ sequence }) => sequence !== undefined && sequence > after);
    if (fresh.length === 0) return events;
    for (const { sequence = after } of fresh) after = Math.max(after, sequence);
    events.push(...fresh);
  }
}
