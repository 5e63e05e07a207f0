import type { DomainResolver, HttpClient } from '@lp/auth';
import type { Clock, Logger } from '@lp/core';
import type { Channel, Limiter } from '@lp/core/internal';
import type { OwnEvents } from './conversation/own-events.ts';
import type { CursorStore } from './cursors/index.ts';
import type { ConversationStore } from './inbound/conversation-store.ts';
import type { Identity, IdentityDirectory } from './inbound/mapping/index.ts';
import type { Router } from './inbound/router.ts';
import type { StatusHub } from './inbound/status.ts';
import type { DesiredState } from './link/desired-state.ts';
import type { AgentRequests } from './link/requests.ts';

/** Tells the message streams of the connection's fate. */
export interface ConnectionListener {
  connectionLost(): void;
  connectionRestored(epoch: number): void;
}

/** How the streams of an agent end. */
export interface Ending {
  /** What ended the agent when it was not asked to: streams fail with it, after what they hold. */
  readonly error?: Error | undefined;
  /** Whether what streams hold is dropped, since the agent was closed and not drained. */
  readonly drop: boolean;
}

/** What the parts of one agent share. */
export interface AgentContext {
  readonly requests: AgentRequests;
  /** Files go over HTTP. */
  readonly http: HttpClient;
  readonly domains: DomainResolver;
  readonly identity: Identity;
  readonly directory: IdentityDirectory;
  readonly router: Router;
  readonly store: ConversationStore;
  readonly subscriptions: DesiredState;
  readonly status: StatusHub;
  readonly cursors: CursorStore;
  /** What searches for answers have read of histories. */
  readonly ownEvents: OwnEvents;
  /** Lets only a few streams query the history at once. */
  readonly refills: Limiter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the agent has closed for good. */
  readonly closed: AbortSignal;
  /** Registers for the connection's fate; returns how to stop. */
  onConnection(listener: ConnectionListener): () => void;
  /**
   * Calls `listener` when the agent ends its streams. Draining waits for what it returns. Returns how to stop.
   */
  onEnd(listener: (ending: Ending) => Promise<void>): () => void;
  /** Reports an error of the user's own code. */
  reportHandlerError(where: string, error: unknown, conversationId?: string): void;
}

/** Ends a channel with the agent. Returns how to undo that, for when the channel ends first. */
export function endWithAgent(
  context: AgentContext,
  channel: Pick<Channel<never>, 'end' | 'fail' | 'readOut'> & { readonly stream: AsyncDisposable },
): () => void {
  return context.onEnd(({ error, drop }) => {
    if (error) channel.fail(error);
    else if (drop) void channel.stream[Symbol.asyncDispose]();
    else channel.end();
    return channel.readOut;
  });
}
