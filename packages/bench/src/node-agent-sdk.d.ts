declare module 'node-agent-sdk' {
  import type { EventEmitter } from 'node:events';

  type Callback = (error: unknown, result: unknown) => void;

  export class Agent extends EventEmitter {
    agentId: string;
    constructor(options: Record<string, unknown>);
    dispose(): void;
    getClock(body: object, callback?: Callback): void;
    getUserProfile(userId: string, callback?: Callback): void;
    subscribeExConversations(body: object, callback?: Callback): void;
    subscribeMessagingEvents(body: object, callback?: Callback): void;
    publishEvent(body: object, callback?: Callback): void;
  }
}
