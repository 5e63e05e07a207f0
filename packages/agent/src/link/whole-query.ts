import type { MessagingEvent } from '../inbound/mapping/index.ts';

/** Which events of a dialog; both bounds are excluded. */
interface Range {
  readonly dialogId: string;
  readonly newerThanSequence?: number | undefined;
  readonly olderThanSequence?: number | undefined;
}

type Query = (body: Range & { readonly maxQuantity: number }) => Promise<readonly MessagingEvent[]>;

const sequenceOf = ({ sequence = -1 }: MessagingEvent): number => sequence;

/**
 * The whole of a range in pages of `pageSize`, whichever end the platform gives first: one response with a dialog's whole
 * life in it would be too large for the socket, and would break the connection of all the others. A page that is not full
 * is taken for all there is.
 */
export async function wholeQuery(query: Query, range: Range, pageSize: number): Promise<MessagingEvent[]> {
  const page = await query({ ...range, maxQuantity: pageSize });
  if (page.length < pageSize) return [...page];
  const found = new Map<number, MessagingEvent>();
  const add = (events: readonly MessagingEvent[]) => {
    const before = found.size;
    for (const event of events) found.set(sequenceOf(event), event);
    return found.size > before;
  };
  add(page);
  const highest = () => [...found.keys()].reduce((most, sequence) => Math.max(most, sequence), -1);
  const lowest = () => [...found.keys()].reduce((least, sequence) => Math.min(least, sequence));
  const first = (range.newerThanSequence ?? -1) + 1;
  // Each round has to find something, or it is the last.
  while (add(await query({ ...range, newerThanSequence: highest(), maxQuantity: pageSize })));
  while (lowest() > first && add(await query({ ...range, olderThanSequence: lowest(), maxQuantity: pageSize })));
  return [...found.values()].sort((a, b) => sequenceOf(a) - sequenceOf(b));
}
