export type Done = (error?: unknown) => void;

/** What is measured: one way to talk to the platform. */
export interface Subject {
  connect(port: number): Promise<void>;
  /** Calls `each` for every message of a consumer in the first so many conversations, from their first on. */
  readMessages(conversations: number, each: () => void): Promise<void>;
  /** Calls `each` for every change of a conversation. */
  readChanges(each: () => void): void;
  getClock(done: Done): void;
  publish(dialogId: string, text: string, done: Done): void;
  close(): Promise<void>;
}

/** A subject that can be a bot: it marks every message read and says it again. */
export interface BotSubject extends Subject {
  /** Resolves when the subscription has been answered. */
  startEchoBot(): Promise<void>;
}
