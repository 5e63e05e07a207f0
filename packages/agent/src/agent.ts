import type { Stream, StreamOptions } from '@lp/core';
import type { ConnectionState } from '@lp/transport';
import type { Conversation } from './conversation/conversation.ts';
import type { Start } from './dialog/start.ts';
import type {
  AgentStateChange,
  ConversationChange,
  MessagingEvent,
  RoutingTaskChange,
} from './inbound/mapping/index.ts';
import type { Notification } from './inbound/router.ts';
import type { StatusEvent } from './inbound/status.ts';
import type { AgentRequests } from './link/requests.ts';
import type { AgentSurveyClient, HistoryClient } from './rest/index.ts';
import type { ConversationQuery } from './work/conversation-query.ts';
import type { Ring } from './work/ring.ts';
import type { ServeOptions } from './work/serve-options.ts';

/** Which dialog's events, from where. Without a dialog: those of every dialog, from now on. */
export interface MessagingEventsOptions extends StreamOptions {
  /** The dialog whose events are wanted. Default: every dialog's, from now on. */
  dialogId?: string | undefined;
  /** The first sequence wanted; before `start`. */
  fromSequence?: number | undefined;
  /** Where a dialog's stream begins; default `unhandled`. */
  start?: Start | undefined;
}

/** A logged-in agent on a connection that replaces itself. Made by `connectAgent`. */
export interface AgentConnection extends AsyncDisposable {
  /** The account that the agent belongs to. */
  readonly accountId: string;
  /**
   * The agent's PID. A session or bearer of your own may come without it: then it is looked up on connecting.
   * @throws ConfigError when it could not be found out, and nothing received since has told it.
   */
  readonly agentId: string;
  /** The numeric part of the agent's old id. */
  readonly userId: string;
  /** What the connection is doing now: `connected` when requests are written at once; see `status()` for changes. */
  readonly state: ConnectionState;
  /** Resolves when the agent has closed for good: with what ended it, else with undefined. Never rejects. */
  readonly closed: Promise<Error | undefined>;

  /** Changes of conversations: of all subscriptions, or with `conversationId` of this one. Stale ones are left out; above high-water the newest of each conversation is kept. */
  conversationChanges(options?: { conversationId?: string } & StreamOptions): Stream<ConversationChange>;
  /**
   * Events of one dialog: ordered, each once, across reconnects; a gap is told by `status()`. Or of all dialogs: from now on, as they come, and the
   * stream fails with SlowConsumerError rather than lose one when it is not read.
   */
  messagingEvents(options?: MessagingEventsOptions): Stream<MessagingEvent>;
  /** Changes of rings; above high-water the newest of each conversation is kept. */
  routingTasks(options?: StreamOptions): Stream<RoutingTaskChange>;
  /** Changes of agents' states; above high-water the newest of each agent is kept. */
  agentStates(options?: StreamOptions): Stream<AgentStateChange>;
  /** Every notification as received, of unknown types too. The oldest are dropped above high-water. */
  notifications(options?: StreamOptions): Stream<Notification>;
  /**
   * What happens to the connection, the session and the streams. The oldest are dropped above high-water.
   *
   * @example
   * for await (const { type } of agent.status()) if (type === 'reconnected') console.log('back again');
   */
  status(options?: StreamOptions): Stream<StatusEvent>;

  /**
   * The conversation with this id, known or not yet known.
   *
   * @example
   * await agent.conversation(conversationId).send('Your parcel has arrived.');
   */
  conversation(conversationId: string): Conversation;
  /**
   * Conversations that match, each once and again never, those beyond the platform's limit of about 1,000 too: those
   * there are when it is read first, then those that come to match. Subscribes when it is read first.
   *
   * @example
   * for await (const conversation of agent.conversations({ skillIds: ['7'] })) {
   *   await conversation.join('MANAGER');
   * }
   */
  conversations(query?: ConversationQuery): Stream<Conversation>;
  /**
   * The offers of conversations to this agent, each once; again when it is told as waiting a moment after it was answered,
   * for the answer was lost then. Subscribes to them when it is read first.
   *
   * @example
   * for await (const ring of agent.rings()) await ring.accept();
   */
  rings(options?: StreamOptions): Stream<Ring>;
  /**
   * Accepts rings and runs `handler` once for each conversation assigned to this agent, different ones side by side.
   * Resolves when `signal` is aborted and the handlers have finished, or when the agent is closed meanwhile. A handler that
   * returns is done with its conversation, also where that goes on: it is run again when that has left and come back.
   *
   * @example
   * await agent.serve(
   *   async (conversation) => {
   *     for await (const message of conversation.messages()) await message.reply(`echo: ${message.text ?? 'no text'}`);
   *   },
   *   { signal: stopSignal(), concurrency: 50 },
   * );
   *
   * @throws ClosedError when the agent was closed before, DrainingError while it drains; what ended the agent when nobody
   * asked it to; ConfigError for wrong options, and while it serves already.
   */
  serve(handler: (conversation: Conversation) => Promise<void>, options?: ServeOptions): Promise<void>;

  /** The survey that agents fill in about a conversation, over REST. */
  readonly survey: AgentSurveyClient;
  /** Past conversations and agents' status, over REST. */
  readonly history: HistoryClient;

  /** The session's present token. It is a secret. */
  getBearerToken(): string;
  /** Extends the session now. */
  refreshSession(): Promise<void>;
  /**
   * Replaces the connection now; with `renewToken` (default false) after a new login, with `ifOld` unless the last was less than 5 s ago.
   * Resolves when it is usable. Cuts the wait before the next dial.
   * @throws AuthError for `renewToken` with a token or session of your own, which nothing renews; the agent goes on.
   */
  reconnect(options?: { renewToken?: boolean | 'ifOld' }): Promise<void>;
  /** Refuses new work, lets streams be drained and responses come, then closes. After `timeoutMs` (default 30,000) it closes all the same. */
  drain(options?: { timeoutMs?: number }): Promise<void>;
  /** Ends everything now. Never rejects; the second call joins the first. */
  close(): Promise<void>;
  /**
   * Ends everything abruptly, within this call: the socket is destroyed, and nothing that waits is sent, not even a close
   * frame. For a process that has lost its right to write. What waits rejects as with `close()`; `closed` resolves.
   */
  terminate(): void;
}

/** An agent: its connection, and every request of the platform as a method. */
export type Agent = AgentConnection & AgentRequests;
