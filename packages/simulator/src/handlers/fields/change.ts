import { type Conversation, type ConversationMeta, Refusal } from '../../platform/model.ts';
import type { Call } from '../call.ts';

/** One field of an UpdateConversationField request, and the copy it is applied to. */
export interface Change {
  readonly call: Call;
  readonly conversation: Conversation;
  readonly meta: ConversationMeta;
  readonly field: Readonly<Record<string, unknown>>;
  readonly callerId: string;
  readonly now: number;
}

/** Applies one field and gives the text of success. @throws Refusal */
export type Field = (change: Change) => string;

export function fail(text: string): never {
  throw new Refusal(400, text);
}

export const takesPart = ({ meta, callerId }: Change): boolean => meta.participants.some((p) => p.id === callerId);

/** @throws Refusal when the caller has no part in the conversation. */
export function requirePart(change: Change): void {
  if (!takesPart(change)) fail('Agent does not exist in conversation');
}
