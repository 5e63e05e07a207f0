export type Done = (error?: unknown) => void;

/** What is measured: one way to talk to the platform. */
export interface Subject {
  /** Logs in as the user with this index and connects. */
  connect(port: number, user: number): Promise<void>;
  close(): Promise<void>;
}

/** A subject that can be a bot: it marks every message read and says it again. */
export interface BotSubject extends Subject {
  /** Resolves when the response to the subscription has come. */
  startEchoBot(): Promise<void>;
}

/** A subject that reads what the platform tells, and asks. */
export interface ClientSubject extends Subject {
  /** Calls `each` for every message of a consumer in the first so many conversations, from their first on: a loop for each conversation. */
  readMessages(conversations: number, each: () => void): Promise<void>;
  /** Calls `each` for every message, in one loop. */
  readAllMessages(each: () => void): void;
  /** Calls `each` for every change of a conversation. */
  readChanges(each: () => void): void;
  getClock(done: Done): void;
  publish(dialogId: string, text: string, done: Done): void;
}

/** Many users in one process, as one subject. */
export class Crowd implements BotSubject {
  readonly #users: readonly BotSubject[];

  constructor(users: readonly BotSubject[]) {
    this.#users = users;
  }

  async connect(port: number): Promise<void> {
    await Promise.all(this.#users.map((user, index) => user.connect(port, index)));
  }

  async startEchoBot(): Promise<void> {
    await Promise.all(this.#users.map((user) => user.startEchoBot()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#users.map((user) => user.close()));
  }
}
