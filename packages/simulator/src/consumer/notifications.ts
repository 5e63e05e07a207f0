import { isObject } from '../handlers/call.ts';
import type { Frame } from '../journal.ts';
import type { MessageEvent } from '../platform/model.ts';

/** An event of a dialog, as a consumer's socket shows it. */
export interface ChatEvent {
  /** The dialog it belongs to. */
  readonly dialogId: string;
  /** Missing on typing states. */
  readonly sequence?: number;
  /** When, in milliseconds since 1970. */
  readonly serverTimestamp?: number;
  /** The PID of who caused it. */
  readonly originatorId: string;
  /** Who caused it, as the platform tells consumers. */
  readonly originatorMetadata: { readonly id: string; readonly role: string };
  /** The event as it came over the wire. */
  readonly event: MessageEvent;
  /** The metadata that came with it. */
  readonly metadata?: readonly unknown[];
}

/** What a consumer's socket says of a conversation. */
export interface ConversationUpdate {
  readonly conversationId: string;
  readonly state: string;
  readonly stage: string;
  readonly dialogs: readonly { readonly dialogId: string; readonly dialogType: string; readonly state: string }[];
}

/** The elements of a list, which is sent bare when it has one. */
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const changes = (frame: Frame, type: string): unknown[] =>
  frame.type === type && isObject(frame.body) ? list(frame.body['changes']) : [];

export function readEvents(frame: Frame): ChatEvent[] {
  return changes(frame, 'ms.MessagingEventNotification') as ChatEvent[];
}

export function readConversations(frame: Frame): ConversationUpdate[] {
  return changes(frame, 'cqm.ExConversationChangeNotification').map((change) => {
    const { convId, conversationDetails } = (change as { result: { convId: string; conversationDetails: object } })
      .result;
    const { state, stage, dialogs } = conversationDetails as Omit<ConversationUpdate, 'conversationId'>;
    // What a chat keeps is what it looks at: there may be ten thousand of them.
    const kept = dialogs.map(({ dialogId, dialogType, state: of }) => ({ dialogId, dialogType, state: of }));
    return { conversationId: convId, state, stage, dialogs: kept };
  });
}
