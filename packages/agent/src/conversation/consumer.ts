import type { Brief } from '../inbound/told.ts';

/** The consumer's id, the same in both id spaces; undefined while nothing is known of it. */
export function consumerOf(details: Pick<Brief, 'participants'> | undefined): string | undefined {
  const consumer = details?.participants.find(({ role }) => role === 'CONSUMER');
  return consumer?.userId ?? consumer?.id;
}
