import { once } from 'node:events';
import type { Agent } from 'node-agent-sdk';
import { ACCOUNT } from '../server/frames.ts';
import type { BotSubject, ClientSubject, Done } from './subject.ts';

interface Message {
  readonly sequence: number;
  readonly dialogId: string;
  readonly originatorId: string;
  readonly event: { readonly type: string; readonly message?: string; readonly sequenceList?: readonly number[] };
  isMe(): boolean;
}

interface Change {
  readonly type: string;
  readonly result: {
    readonly convId: string;
    readonly conversationDetails: { readonly participants: readonly { readonly id: string; readonly role: string }[] };
  };
}

/** The platform's own old client, through its own events and methods. */
export class OldSdk implements BotSubject, ClientSubject {
  readonly #mended: boolean;
  readonly #Agent: typeof Agent;
  #agent: Agent | undefined;

  /**
   * `kind`: its class, or the one that takes its place. `mended`: without the timer that it sets for each request, of
   * which each looks through all requests.
   */
  constructor(kind: typeof Agent, { mended = false }: { mended?: boolean } = {}) {
    this.#mended = mended;
    this.#Agent = kind;
  }

  async connect(port: number, user: number): Promise<void> {
    const agent = new this.#Agent({
      accountId: ACCOUNT,
      csdsDomain: `localhost:${port}`,
      username: `bench-${user}`,
      password: 'bench',
      // A check that never comes: then none of those timers ever fires.
      ...(this.#mended && { errorCheckInterval: 2 ** 31 - 1 }),
    });
    agent.on('error', (error: unknown) => process.stderr.write(`node-agent-sdk: ${String(error)}\n`));
    await once(agent, 'connected');
    this.#agent = agent;
  }

  readMessages(_conversations: number, each: () => void): Promise<void> {
    this.readAllMessages(each);
    return Promise.resolve();
  }

  readAllMessages(each: () => void): void {
    this.#onMessages((messages) => {
      for (const message of messages) if (message.event.type === 'ContentEvent' && !message.isMe()) each();
    });
  }

  readChanges(each: () => void): void {
    this.#onChanges((changes) => {
      for (const { type } of changes) if (type === 'UPSERT') each();
    });
  }

  getClock(done: Done): void {
    this.#agent?.getClock({}, done);
  }

  publish(dialogId: string, message: string, done: Done): void {
    this.#agent?.publishEvent({ dialogId, event: { type: 'ContentEvent', contentType: 'text/plain', message } }, done);
  }

  /** Does what the client's own example does, request for request: it waits for no response but that of the profile. */
  startEchoBot(): Promise<void> {
    const agent = this.#agent as Agent;
    const open = new Set<string>();
    this.#onChanges((changes) => {
      for (const { type, result } of changes) {
        if (type !== 'UPSERT') open.delete(result.convId);
        else if (!open.has(result.convId)) {
          open.add(result.convId);
          const consumer = result.conversationDetails.participants.find(({ role }) => role === 'CONSUMER');
          agent.getUserProfile(consumer?.id ?? '', () => undefined);
          agent.subscribeMessagingEvents({ dialogId: result.convId });
        }
      }
    });
    this.#onMessages((messages) => {
      const unanswered = new Map<string, Message>();
      for (const message of messages) {
        const { dialogId, event, originatorId, sequence } = message;
        if (!open.has(dialogId)) continue;
        if (event.type === 'ContentEvent' && originatorId !== agent.agentId) {
          unanswered.set(`${dialogId}-${sequence}`, message);
        }
        if (event.type === 'AcceptStatusEvent' && originatorId === agent.agentId) {
          for (const read of event.sequenceList ?? []) unanswered.delete(`${dialogId}-${read}`);
        }
      }
      for (const { dialogId, sequence, event } of unanswered.values()) {
        const read = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [sequence] };
        agent.publishEvent({ dialogId, event: read });
        const echo = { type: 'ContentEvent', contentType: 'text/plain', message: `echo: ${event.message}` };
        agent.publishEvent({ dialogId, event: echo });
      }
    });
    return new Promise((resolve, reject) => {
      const filter = { convState: ['OPEN'], agentIds: [agent.agentId] };
      agent.subscribeExConversations(filter, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(new Error('the subscription was refused'));
      });
    });
  }

  close(): Promise<void> {
    this.#agent?.dispose();
    return Promise.resolve();
  }

  #onMessages(listener: (messages: readonly Message[]) => void): void {
    this.#agent?.on('ms.MessagingEventNotification', ({ changes }: { changes: Message[] }) => listener(changes));
  }

  #onChanges(listener: (changes: readonly Change[]) => void): void {
    this.#agent?.on('cqm.ExConversationChangeNotification', ({ changes }: { changes: Change[] }) => listener(changes));
  }
}
