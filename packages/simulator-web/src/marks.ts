import type { EventView } from '../../simulator/src/web/page-api.ts';
import { isContent } from './state.ts';

export type Mark = 'sent' | 'delivered' | 'read';

const key = (dialogId: string, sequence: unknown): string => `${dialogId} ${String(sequence)}`;

/** How far each of the consumer's messages has come, by dialog and sequence. */
export function marksOf(events: readonly EventView[]): (event: EventView) => Mark {
  const read = acknowledged(events, 'brand', ['READ']);
  const delivered = acknowledged(events, 'brand', ['ACCEPT']);
  return ({ dialogId, sequence }) => {
    const message = key(dialogId, sequence);
    return read.has(message) ? 'read' : delivered.has(message) ? 'delivered' : 'sent';
  };
}

/** The sequences in a dialog that the consumer has still to read. */
export function unreadIn(events: readonly EventView[], dialogId: string): number[] {
  const read = acknowledged(events, 'consumer', ['READ']);
  return events
    .filter((event) => event.dialogId === dialogId && event.from === 'brand' && !event.private && isContent(event))
    .flatMap(({ sequence }) => (sequence === undefined || read.has(key(dialogId, sequence)) ? [] : sequence));
}

function acknowledged(
  events: readonly EventView[],
  by: EventView['from'],
  statuses: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { dialogId, from, event } of events) {
    if (from !== by || event.type !== 'AcceptStatusEvent' || !statuses.includes(String(event['status']))) continue;
    const { sequenceList } = event;
    for (const sequence of Array.isArray(sequenceList) ? sequenceList : []) found.add(key(dialogId, sequence));
  }
  return found;
}
