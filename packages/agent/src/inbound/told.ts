import type { ConversationDetails, Dialog } from './mapping/index.ts';
import { isEarlier } from './platform-clock.ts';
import type { Repeat, ToldText } from './told-text.ts';

/** What is asked of a conversation with each message. */
export interface Brief extends Pick<ConversationDetails, 'myRoles' | 'myRole'> {
  readonly dialogs: readonly Pick<Dialog, 'dialogId' | 'dialogType' | 'state'>[];
  /** The consumer; others may be left out. */
  readonly participants: ConversationDetails['participants'];
}

/** Reads the details of a conversation from the text of its description. */
export type ReadDetails = (json: string, conversationId: string) => ConversationDetails;

/** What is kept of a conversation while nothing but repetitions is told of it: a text, and what is asked for all the time. */
export class Told {
  readonly text: ToldText;
  readonly brief: Brief;
  /** That of the connection. */
  readonly epoch: number;
  /** That of the pairs of ids that are known. */
  readonly version: number;
  readonly #read: ReadDetails;
  #updated: number | undefined;
  #details: ConversationDetails | undefined;

  constructor(
    text: ToldText,
    details: ConversationDetails,
    { epoch, version, read }: { epoch: number; version: number; read: ReadDetails },
  ) {
    this.text = text;
    this.brief = briefOf(details);
    this.epoch = epoch;
    this.version = version;
    this.#read = read;
    this.#updated = details.metaDataLastUpdateTs;
  }

  /** When it was last updated, in milliseconds since 1970. */
  get updated(): number | undefined {
    return this.#updated;
  }

  /** The newest details: read from the text when they are asked for, and kept until they are told anew. */
  detailsOf(conversationId: string): ConversationDetails {
    this.#details ??= this.#read(this.text.json, conversationId);
    return this.#details;
  }

  /** The same was told again. An older word of it is left out. */
  repeat(repeat: Repeat): void {
    // Where the text has no place for it, it is the same.
    const { updated = this.#updated } = repeat;
    if (isEarlier(updated, this.#updated)) return;
    this.#updated = updated;
    if (this.text.update(repeat)) this.#details = undefined;
  }
}

/** Made of copies: the details may be in other hands. */
function briefOf({ dialogs, myRole, myRoles, participants }: ConversationDetails): Brief {
  return {
    myRole,
    myRoles: [...myRoles],
    dialogs: dialogs.map(({ dialogId, dialogType, state }) => ({ dialogId, dialogType, state })),
    participants: participants
      .filter(({ role }) => role === 'CONSUMER')
      .slice(0, 1)
      .map((consumer) => ({ ...consumer })),
  };
}
