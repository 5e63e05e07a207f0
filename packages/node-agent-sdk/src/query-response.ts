import { toError } from '@lp/core/internal';
import type { ResponseFrame } from '@lp/transport';
import { TransformError } from './errors.ts';
import type { GapRepair } from './gap-repair.ts';
import { type Reader, readEvent } from './incoming.ts';
import type { EventRecord } from './messages.ts';
import { firstSequenceOf } from './outgoing.ts';

/**
 * The events of a query, as programs know them. The platform's bound may include its own number, and this side asks for
 * one event more than programs expect, so that the first is not missed: that one only when it was not handed on before.
 * An event that cannot be read is left out and told. Throws for what is not a list.
 */
export function readQuery(
  frame: ResponseFrame,
  givenBody: unknown,
  reader: Reader,
  repair: GapRepair | undefined,
): EventRecord[] {
  const first = firstSequenceOf(givenBody);
  const events: EventRecord[] = [];
  if (!Array.isArray(frame.body)) throw new TypeError('the history is no list');
  for (const record of frame.body as EventRecord[]) {
    try {
      const event = readEvent(record, reader);
      const { dialogId, sequence } = event;
      if (sequence !== undefined && sequence < first) continue;
      if (sequence === first && repair?.wasHandedOn(String(dialogId), sequence) === true) continue;
      events.push(event);
    } catch (error) {
      reader.unreadable(new TransformError(toError(error), { ...frame, body: [record] }));
    }
  }
  repair?.queried(String(events[0]?.dialogId), events);
  return events;
}
