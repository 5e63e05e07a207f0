import type { EventEmitter } from 'node:events';
import type { Session } from '@lp/auth';
import { ProtocolError } from '@lp/core';
import type { NotificationFrame, ResponseFrame } from '@lp/transport';
import { type AgentConfig, ignoredOptions, type LoginKind, loginName } from './config.ts';
import { Connection } from './connection.ts';
import type { ConnectionListener } from './connection-listener.ts';
import type { ConversationChangeRecord } from './conversations.ts';
import { CsdsClient } from './csds-client.ts';
import { noteDialogs } from './dialog-notes.ts';
import { SDKError, type TransformError } from './errors.ts';
import { type Location, OWN_EVENTS, type SentFrame } from './events.ts';
import { GapRepair, type GapRepairPort } from './gap-repair.ts';
import { CONVERSATIONS, MESSAGES, type Reader, readNotification } from './incoming.ts';
import type { EventRecord } from './messages.ts';
import { completeBody, type OwnIdentity } from './outgoing.ts';
import { askOwnPid } from './own-pid.ts';
import { toSdeList } from './profile.ts';
import { readQuery } from './query-response.ts';
import { type DeskPort, type PlannedRequest, RequestDesk, readArguments } from './request-desk.ts';
import { REQUEST_TYPES, type RequestFunction } from './request-names.ts';
import { SessionRefresh } from './session-refresh.ts';
import { type AskedFor, Subscriptions, type SubscriptionsPort } from './subscriptions.ts';
import { type Predecessor, takeOver } from './takeover.ts';
import { callProgram, ErrorTeller, emitTo } from './telling.ts';

type DoneCallback = (error: SDKError | null) => void;

/** What the engine sets on its agent. */
export interface EngineOwner extends EventEmitter {
  conf: AgentConfig;
  connected: boolean;
}

/**
 * Behind an agent: the connection below, the program above, and between them the forms that programs know. Everything is
 * handed on in the turn in which it was received.
 */
export class Engine implements ConnectionListener, DeskPort, Reader, GapRepairPort, SubscriptionsPort, Predecessor {
  readonly connection: Connection;
  readonly csds: CsdsClient;
  readonly refresh: SessionRefresh;
  readonly own: OwnIdentity & { agentId: string | undefined; oldId: string | undefined };
  readonly #agent: EngineOwner;
  readonly #kind: LoginKind;
  readonly #desk = new RequestDesk(this);
  readonly #errors: ErrorTeller;
  readonly #subscriptions = new Subscriptions(this);
  readonly #repair: GapRepair;
  #joined: DoneCallback[] = [];
  #release: (() => void) | undefined;
  #retired = false;
  #disposed = false;
  #stranded = false;
  #userId: string | undefined;

  constructor(agent: EngineOwner, kind: LoginKind) {
    this.#agent = agent;
    this.#kind = kind;
    this.own = { accountId: agent.conf.accountId, agentId: undefined, oldId: undefined };
    this.#errors = new ErrorTeller(agent);
    this.connection = new Connection(() => agent.conf, kind, this);
    this.csds = new CsdsClient(() => this.connection.services.domains);
    this.refresh = new SessionRefresh(this.connection, this.csds, this);
    this.#repair = new GapRepair(this, { recover: agent.conf.recover !== false });
  }

  // -- What the program asks for.

  open(callback?: DoneCallback): void {
    if (this.#agent.connected) {
      callback?.(null);
      return;
    }
    if (callback) this.#joined.push(callback);
    this.#disposed = false;
    if (!this.#release) {
      this.#release = takeOver(loginName(this.#agent.conf, this.#kind), this);
      const ignored = ignoredOptions(this.#agent.conf);
      if (ignored.length > 0) this.warn(`options of the socket that are not supported: ${ignored.join(', ')}`);
    }
    this.connection.open();
  }

  reconnect(keepToken = true): void {
    if (this.#retired) this.warn('a newer Agent of the same login has taken over: reconnect() does nothing');
    else if (!this.#disposed) this.connection.reconnect({ keepToken });
  }

  request(name: RequestFunction, given: readonly unknown[]): void {
    const { parts, callback } = readArguments(given);
    this.#request(name, parts, { callback });
  }

  drop(code: number, options?: { stay?: boolean }): void {
    this.connection.drop(code, options);
  }

  /** Has the session refreshed at an interval from now on. */
  keepRefreshing(intervalMs: number): void {
    this.refresh.every(intervalMs);
  }

  close(): void {
    this.#agent.connected = false;
    this.refresh.stop();
    this.connection.close();
    this.#subscriptions.clear();
    this.#repair.clear();
    this.#desk.lost();
    this.#join(new SDKError('the agent was disposed', null, 'messaging'));
    this.#release?.();
    this.#release = undefined;
    this.#retired = false;
    this.#disposed = true;
    this.#stranded = false;
  }

  get bearer(): string | undefined {
    return this.connection.session?.bearer;
  }

  get stranded(): boolean {
    return this.#stranded;
  }

  retire(): void {
    this.close();
    this.#retired = true;
  }

  // -- What the connection tells.

  succeeded(location: Location): void {
    emitTo(this.#agent, 'success', { location });
    if (location === 'Connect#Login' || location === 'Reconnect#Relogin#WS') this.#join(null);
  }

  failed(error: SDKError, location: Location | undefined, final: boolean): void {
    if (!this.#agent.connected) {
      this.#stranded = true;
      this.#join(error);
    }
    this.#errors.tell(error, location && { location }, final);
  }

  identified({ userId, agentId, bearer }: Session): void {
    const another = this.#userId !== undefined && this.#userId !== userId;
    this.#userId = userId;
    this.own.oldId = `${this.#agent.conf.accountId}.${userId}`;
    this.own.agentId = agentId ?? (another ? undefined : this.own.agentId);
    const seen = { agentId: this.own.agentId, __oldAgentId: this.own.oldId, userId };
    for (const [name, value] of Object.entries(seen)) if (value !== undefined) this.#set(name, value, true);
    // Out of sight of whoever prints the agent.
    this.#set('token', bearer, false);
  }

  opened(): void {
    this.#stranded = false;
    this.#agent.connected = true;
    this.#join(null);
    this.#subscriptions.connected();
    emitTo(this.#agent, 'connected', { connected: true, ts: Date.now() });
    // Unless a listener has ended it again.
    if (!this.#agent.connected) return;
    this.#repair.connected();
    if (this.own.agentId === undefined) void this.#askWho();
  }

  /** A bearer of the program's own does not say whose it is. */
  async #askWho(): Promise<void> {
    const { transport, session, services } = this.connection;
    if (!transport || !session) return;
    const accountId = String(this.own.accountId);
    const pid = await askOwnPid({ accountId, session, transport, services });
    if (pid !== undefined && this.own.agentId === undefined && transport === this.connection.transport) this.learn(pid);
  }

  lost(code: number | undefined): void {
    this.#agent.connected = false;
    this.#subscriptions.lost();
    this.#repair.lost();
    this.#desk.lost();
    if (code === undefined) return;
    this.#stranded = true;
    emitTo(this.#agent, 'closed', code);
  }

  ended(): void {
    emitTo(this.#agent, 'closed', 1006);
  }

  received(frame: NotificationFrame): void {
    const isEvent = frame.type === '.ams.ms.OnlineEventDistribution';
    if (!readNotification(frame, this)) return;
    if (isEvent) {
      if (!this.#repair.admit((frame.body as { changes: [EventRecord] }).changes[0])) return;
    } else if (frame.type === CONVERSATIONS) {
      noteDialogs((frame.body as { changes: ConversationChangeRecord[] }).changes, this.#repair);
    }
    this.#notify(frame);
  }

  // -- What the desk, the reader and the repair ask for.

  get wantsSent(): boolean {
    return this.#agent.listenerCount('message:sent') > 0;
  }

  sent(frame: SentFrame): void {
    emitTo(this.#agent, 'message:sent', frame);
  }

  read(frame: ResponseFrame, { givenBody }: PlannedRequest): void {
    if (frame.type === '.ams.userprofile.GetUserProfile$Response') {
      frame.body = toSdeList(frame.body);
    } else if (frame.type === '.ams.ms.QueryMessages$Response') {
      const events = readQuery(frame, givenBody, this, this.#repair);
      if (events.length > 0) this.recovered(String(events[0]?.dialogId), events);
      delete frame.body;
      frame.type = 'GenericSubscribeResponse';
    }
  }

  responded({ type, body, reqId }: ResponseFrame): void {
    if (typeof type === 'string' && !OWN_EVENTS.has(type)) emitTo(this.#agent, type, body, reqId);
  }

  warn(message: string): void {
    emitTo(this.#agent, 'warn', { message });
  }

  unreadable(error: TransformError): void {
    this.#errors.tell(error, undefined, false);
  }

  learn(pid: string): void {
    this.own.agentId = pid;
    this.#set('agentId', pid, true);
  }

  async query(dialogId: string, after: number): Promise<EventRecord[]> {
    const { transport } = this.connection;
    const frame = await transport?.request({
      type: REQUEST_TYPES.subscribeMessagingEvents,
      body: { dialogId, newerThanSequence: after },
    });
    if (!frame || !Array.isArray(frame.body)) throw new ProtocolError('the history of a dialog could not be read');
    return readQuery(frame, { fromSeq: after + 1 }, this, undefined);
  }

  recovered(dialogId: string, changes: EventRecord[]): void {
    this.#notify({ kind: 'notification', type: MESSAGES, body: { dialogId, changes } });
  }

  #notify(frame: NotificationFrame): void {
    if (!OWN_EVENTS.has(frame.type)) emitTo(this.#agent, frame.type, frame.body);
    emitTo(this.#agent, 'notification', frame);
  }

  askAgain({ name, parts }: AskedFor): void {
    this.#request(name, parts, { restored: true });
  }

  unsubscribe(name: RequestFunction, subscriptionId: string): void {
    const type =
      name === 'subscribeExConversations' ? REQUEST_TYPES.unsubscribeExConversations : '.ams.UnsubscribeBody';
    this.#desk.send({ frame: { type, body: { subscriptionId } } }, this.connection.transport);
  }

  #request(
    name: RequestFunction,
    parts: readonly unknown[],
    { callback, restored = false }: { callback?: PlannedRequest['callback']; restored?: boolean },
  ): void {
    const [givenBody, headers, metadata, encodedMetadata] = parts;
    const body = completeBody(name, givenBody, this.own);
    // The program's own word in every place: what the platform does not take, it says.
    const frame = { type: REQUEST_TYPES[name], body, headers, metadata, encodedMetadata: encodedMetadata as string };
    const transport = this.#agent.connected ? this.connection.transport : undefined;
    const onOutcome = transport && this.#subscriptions.follow({ name, parts, restored }, body);
    this.#desk.send({ frame, givenBody, callback, onOutcome }, transport);
  }

  #set(name: string, value: unknown, enumerable: boolean): void {
    Object.defineProperty(this.#agent, name, { value, enumerable, writable: true, configurable: true });
  }

  #join(error: SDKError | null): void {
    const joined = this.#joined;
    this.#joined = [];
    for (const callback of joined) callProgram(() => callback(error));
  }
}
