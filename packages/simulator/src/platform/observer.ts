import type { Conversation, EventRecord } from './model.ts';

/** Told of every change when it happens, whoever is subscribed: the page for people. */
export interface Observer {
  conversation(conversation: Conversation): void;
  event(record: EventRecord): void;
  agents(): void;
}

/** Told of everything consumers may know, as whole frames in their dialect without a subscription: webhooks. */
export interface FrameListener {
  send(text: string): void;
}
