import type { Event } from '@lp/schemas';

/** Whether an event is something that was said, and not a state or a receipt. */
export function isContent(event: Event): boolean {
  return event.type === 'ContentEvent' || event.type === 'RichContentEvent';
}
