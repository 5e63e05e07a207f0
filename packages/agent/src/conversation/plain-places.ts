import { BoundedMap } from '@lp/core/internal';
import { ReceivedMessage } from './message.ts';
import { type Answerable, READER } from './message-reader.ts';
import { isAnswerable, type SendOptions } from './sending.ts';

// Of a thousand others that were answered since, the same words are the first again.
const MOST_PLACES = 1_000;

/**
 * What is answered without the message at hand, by its dialog and sequence, as a queue has it: the same place is one object
 * each time, so that what is said to it is counted as what is said to a message is.
 */
export class PlainPlaces {
  readonly #known = new BoundedMap<string, Answerable>(MOST_PLACES);

  /** The options with the place as it is known here; themselves where they name a message, no place, or what is none. */
  in<T extends SendOptions | undefined>(options: T): T {
    const given: Answerable | undefined = options?.inReplyTo;
    if (given instanceof ReceivedMessage || !isAnswerable(given)) return options;
    const { [READER]: reader, dialogId, recovered, sequence } = given;
    const key = JSON.stringify([dialogId, sequence]);
    const inReplyTo = Object.assign(this.#known.get(key) ?? {}, { [READER]: reader, dialogId, recovered, sequence });
    this.#known.renew(key, inReplyTo);
    return { ...options, inReplyTo };
  }
}
