import type { Hearing } from './hearing.ts';
import type { OwnWord, OwnWords } from './own-words.ts';
import type { PendingSends } from './pending-sends.ts';
import type { ReadMarks } from './read-marks.ts';

/** Where a message keeps the reader that delivered it. */
export const READER: unique symbol = Symbol('reader');

/** The reader that handles a dialog, for the messages it has delivered. */
export interface MessageReader {
  /** What had been said behind the place it began at, and under ids since; undefined when nothing was. */
  readonly words: OwnWords | undefined;
  readonly marks: ReadMarks;
  /** What the consumer has written, read by the loop or not. */
  readonly hearing: Hearing;
  /** What the body says; the loop waits for it. */
  readonly pending: PendingSends;
  /** The message in hand. */
  readonly current: { readonly sequence: number } | undefined;
  /** Whether another reader handles the dialog now: what this one has in hand is handed out there again. */
  readonly replaced: boolean;
  /** This agent has said something. */
  noteSaid(sequence: number): void;
  /** It was said under an id. */
  noteWord(id: string, word: OwnWord): void;
}

/** Something that can be answered: a message, or what stands for one. */
export interface Answerable {
  /** Default: the dialog's id. */
  readonly conversationId?: string | undefined;
  readonly dialogId: string;
  readonly sequence: number;
  readonly recovered: boolean;
  /** @internal */
  readonly [READER]?: MessageReader | undefined;
}
