import { type Agent, connectAgent } from '@lp/agent';
import { createManualClock } from '@lp/core';
import { ACCOUNT, conversationId } from '../server/frames.ts';
import { queriesServed } from './control.ts';
import type { BotSubject, ClientSubject, Done } from './subject.ts';

/** This SDK, as its users write it. */
export class Sdk implements BotSubject, ClientSubject {
  /** The clock of an SDK on virtual time. */
  readonly clock = createManualClock();
  readonly #virtual: boolean;
  readonly #awaits: boolean;
  #agent: Agent | undefined;

  /** With `awaits: false` its echo bot waits for no response, as the old client's does. */
  constructor({ virtual = false, awaits = true } = {}) {
    this.#virtual = virtual;
    this.#awaits = awaits;
  }

  get agent(): Agent {
    return this.#agent as Agent;
  }

  async connect(port: number, user: number): Promise<void> {
    this.#agent = await connectAgent({
      accountId: ACCOUNT,
      csdsDomain: `localhost:${port}`,
      credentials: { username: `bench-${user}`, password: 'bench' },
      insecure: false,
      // What is measured is no network's delay, but a busy machine may be slow.
      requestTimeoutMs: 60_000,
      ...(this.#virtual && { clock: this.clock }),
    });
  }

  /** Resolves when every stream has read its history. */
  async readMessages(conversations: number, each: () => void): Promise<void> {
    for (let index = 0; index < conversations; index++) {
      const stream = this.agent.conversation(conversationId(index)).messages({ start: 'beginning' });
      void (async () => {
        for await (const _ of stream) each();
      })();
    }
    await queriesServed(conversations);
    // Its response comes after theirs.
    await this.agent.getClock();
  }

  readAllMessages(each: () => void): void {
    const events = this.agent.messagingEvents({ capacity: 100_000 });
    void (async () => {
      for await (const _ of events) each();
    })();
  }

  readChanges(each: () => void): void {
    const changes = this.agent.conversationChanges();
    void (async () => {
      for await (const { type } of changes) if (type === 'UPSERT') each();
    })();
  }

  getClock(settled: Done): void {
    this.agent.getClock().then(() => settled(), settled);
  }

  publish(dialogId: string, message: string, settled: Done): void {
    const event = { type: 'ContentEvent', contentType: 'text/plain', message } as const;
    this.agent.publishEvent({ dialogId, event }).then(() => settled(), settled);
  }

  startEchoBot(): Promise<void> {
    void this.agent.serve(async (conversation) => {
      for await (const message of conversation.messages()) {
        if (this.#awaits) {
          await message.markRead();
          await conversation.send(`echo: ${message.text}`);
        } else {
          message.markRead().catch(fail);
          conversation.send(`echo: ${message.text}`).catch(fail);
        }
      }
    });
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#agent?.close();
  }
}

// The process ends with it, and the row with the process.
function fail(error: unknown): never {
  throw error;
}
