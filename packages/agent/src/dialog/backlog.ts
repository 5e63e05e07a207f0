import { isContent } from '../inbound/content.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { type HistoryRange, type HistoryReader, sequenceOf } from './history.ts';

/** What a dialog's history holds behind a number. */
export interface Backlog {
  /** Its first events, as many as a stream keeps. */
  readonly events: readonly MessagingEvent[];
  /** Whether those are all. */
  readonly complete: boolean;
  /** The last number; that behind which was read when there is none. */
  readonly last: number;
  /** What this agent has marked READ. */
  readonly read: ReadonlySet<number>;
  /** What this agent has said. */
  readonly own: readonly MessagingEvent[];
  /** The last public message of another agent who was assigned; -1 when there is none. */
  readonly answered: number;
}

/**
 * Reads the history to its end, since the mark that says a message was read, or answered, may stand on any later page.
 * Of a long one only the beginning and what is asked for above is kept. `known`: see {@link HistoryReader.pages}.
 */
export async function readBacklog(
  history: HistoryReader,
  range: HistoryRange,
  { capacity, signal, known }: { capacity: number; signal: AbortSignal; known: () => number | undefined },
): Promise<Backlog> {
  const events: MessagingEvent[] = [];
  const read = new Set<number>();
  const own: MessagingEvent[] = [];
  let [last, answered, count] = [range.after, -1, 0];
  for await (const page of history.pages(range, signal, known)) {
    for (const event of page) {
      if (count++ < capacity) events.push(event);
      if (event.isMe && event.event.type === 'AcceptStatusEvent' && event.event.status === 'READ') {
        for (const sequence of event.event.sequenceList) read.add(sequence);
      }
      if (event.isMe && isContent(event.event)) own.push(event);
      if (isAnswerOfAnother(event)) answered = sequenceOf(event);
      last = sequenceOf(event);
    }
  }
  return { events, complete: count <= capacity, last, read, own, answered };
}

function isAnswerOfAnother({ event, isMe, messageAudience, originatorMetadata }: MessagingEvent): boolean {
  const isPublic = messageAudience === undefined || messageAudience === 'ALL';
  return !isMe && isPublic && isContent(event) && originatorMetadata?.role === 'ASSIGNED_AGENT';
}
