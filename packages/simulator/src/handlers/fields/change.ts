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

/** @throws Refusal when the caller had no part in the conversation before the request, which may begin by leaving it. */
export function requirePart({ conversation, callerId }: Change): void {
  if (!conversation.meta.participants.some((p) => p.id === callerId)) fail('Agent does not exist in conversation');
}
