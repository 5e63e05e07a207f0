import type { Positions } from '../cursors/positions.ts';
import type { DialogPlace } from '../dialog/dialog-types.ts';
import type { UnhandledParts } from '../dialog/unhandled.ts';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Publisher } from './confirmed-publish.ts';
import type { RecordParts } from './dialog-record-keeper.ts';
import type { FileParts } from './files.ts';
import type { InboxRegistry } from './inbox-registry.ts';
import type { ReadMarkParts } from './read-marks.ts';
import type { SendGate } from './send-gate.ts';
import type { SettleSettings } from './settle.ts';

/** What inboxes are made of. */
export type InboxParts = UnhandledParts &
  Publisher &
  ReadMarkParts &
  RecordParts &
  FileParts & {
    readonly lifetime: Pick<Lifetime, 'ending'>;
    readonly positions: Positions;
    readonly inboxes: InboxRegistry;
    readonly gate: Pick<SendGate, 'onShut' | 'settled'>;
    readonly platformClock: { now(): number };
    /** How often a message is begun that ends its process; without end when it is not given. */
    readonly maxAttempts?: number | undefined;
  };

/** Which inbox. */
export interface InboxOptions extends DialogPlace {
  readonly conversationId: string;
  readonly capacity?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** When messages are told to have been read. */
  readonly read: 'handled' | 'received' | 'never';
  /** What becomes of messages that another agent has publicly answered before the inbox was opened. */
  readonly answered: 'skip' | 'keep';
  /** Which of a dialog's messages are wanted. */
  readonly wants: (event: MessagingEvent) => boolean;
  /** When several messages are handed out as one; undefined for each by itself. */
  readonly settle?: SettleSettings | undefined;
  /** What has to be written before this one begins. */
  readonly after?: Promise<void> | undefined;
}
