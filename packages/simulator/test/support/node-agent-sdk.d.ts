declare module 'node-agent-sdk' {
  import type { EventEmitter } from 'node:events';

  type Callback = (error: unknown, result: unknown) => void;

  export class Agent extends EventEmitter {
    agentId: string | undefined;
    token: string;
    refreshSessionInterval: number;
    refreshSessionTimeoutId: unknown;
    constructor(options: Record<string, unknown>);
    reconnect(keepToken?: boolean): void;
    dispose(): void;
    getClock(body: object, callback: Callback): void;
    getUserProfile(userId: string, callback: Callback): void;
    subscribeExConversations(body: object, callback: Callback): void;
    subscribeRoutingTasks(body: object, callback: Callback): void;
    subscribeMessagingEvents(body: object, callback: Callback): void;
    setAgentState(body: object, callback: Callback): void;
    updateRingState(body: object, callback: Callback): void;
    updateConversationField(body: object, callback: Callback): void;
    publishEvent(body: object, callback: Callback): void;
  }
}

declare module 'node-agent-sdk-0' {
  export { Agent } from 'node-agent-sdk';
}

declare module 'node-agent-sdk-1.1' {
  export { Agent } from 'node-agent-sdk';
}
