import type { MessagingEvent } from '../inbound/mapping/index.ts';

/** A press on a quick reply or another element, by which the consumer has said something. */
export interface Click {
  /** The id that the element was given; undefined when it has none. */
  readonly id: string | undefined;
  /** The metadata that came with the click, as the element had it. */
  readonly metadata: NonNullable<MessagingEvent['metadata']>;
}

interface Said {
  readonly originator: { readonly role: string | undefined };
  readonly metadata: MessagingEvent['metadata'];
}

/** The press by which this was said: a text of the consumer's that carries an element's metadata. */
export function clickOf({ metadata, originator }: Said): Click | undefined {
  if (originator.role !== 'CONSUMER' || !metadata || metadata.length === 0) return undefined;
  const id = metadata.find(({ type }) => type === 'ExternalId')?.['id'];
  return { id: typeof id === 'string' ? id : undefined, metadata };
}
