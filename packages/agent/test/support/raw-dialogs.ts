import { type Agent, type AgentOptions, connectAgent } from '@lp/agent';
import type { WebSocket } from 'ws';
import { fastReconnect } from './fast-reconnect.ts';
import { type RawHttpRequest, type RawHttpResponse, RawServer, writeFrame } from './raw-server.ts';

export const ACCOUNT = '4711';
const USER = '42';
export const PID = 'pid-of-the-bot';

/** An event as the platform keeps it. */
export interface RawRecord {
  readonly sequence: number;
  readonly dialogId: string;
  readonly originatorId: string;
  readonly originatorMetadata: { readonly id: string; readonly role: string };
  readonly serverTimestamp: number;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
  readonly metadata?: readonly unknown[];
  readonly messageAudience?: string;
}

/** A request as it came. */
export interface RawRequest {
  readonly id: string;
  readonly type: string;
  readonly body: {
    readonly dialogId: string;
    readonly event: RawRecord['event'];
    readonly messageAudience?: string;
    readonly newerThanSequence?: number;
    readonly olderThanSequence?: number;
    readonly maxQuantity?: number;
    readonly agentIds?: readonly string[];
    readonly conversationId?: string;
    readonly subscriptionId?: string;
    readonly availability?: string;
    readonly agentUserId?: string;
    readonly ringId?: string;
    readonly ringState?: string;
  };
  readonly metadata?: readonly { readonly type: string; readonly id?: string }[];
}

interface RawResponse {
  readonly code?: number;
  readonly body?: unknown;
  /** Called once the response is written. */
  readonly after?: () => void;
}

/** What a test may make of a request: another response, silence, or the usual one (undefined). */
type Hook = (request: RawRequest, socket: WebSocket) => RawResponse | 'silent' | undefined;

export interface RawConversation {
  readonly id: string;
  readonly log: RawRecord[];
  /** Whether the bot is assigned. */
  mine: boolean;
  closed: boolean;
  /** The state of its second dialog, a survey with the id `<id>-survey`; none when left out. */
  survey?: 'OPEN' | 'CLOSE';
}

/**
 * A platform that believes nothing: one agent, conversations with one dialog, and every response in the test's hands. It
 * shares no code with the simulator, so that what both agree on is what the client sees.
 */
export class RawPlatform {
  /** Requests by short type, as `PublishEvent`. */
  readonly requests: { readonly type: string; readonly request: RawRequest }[] = [];
  readonly hooks = new Map<string, Hook>();
  readonly conversations = new Map<string, RawConversation>();
  /** The most events of one response to QueryMessages, and which end of the range they are from. */
  pageSize = Number.POSITIVE_INFINITY;
  pagesFrom: 'oldest' | 'newest' = 'oldest';
  /** Whether events carry the metadata they were sent with. */
  keepsMetadata = true;
  /** Whether the bot may look into conversations that are another's. */
  showsOthers = true;
  /** Whether connections can be made. */
  isUp = true;
  upgrades = 0;
  readonly #subscriptions = new Map<string, WebSocket>();
  readonly #agents: Agent[] = [];
  #server!: RawServer;
  #time = 1_700_000_000_000;

  static async start(): Promise<RawPlatform> {
    const platform = new RawPlatform();
    platform.#server = await RawServer.start({
      http: (request) => platform.#respondHttp(request),
      upgrade: () => (platform.isUp ? undefined : 'cut'),
      opened: () => void platform.upgrades++,
      closed: (socket) => platform.#forget(socket),
      frame: (socket, text) => platform.#receive(socket, JSON.parse(text) as RawRequest),
    });
    return platform;
  }

  async connect(options: Partial<AgentOptions> = {}): Promise<Agent> {
    const agent = await connectAgent({
      accountId: ACCOUNT,
      credentials: { username: 'bot', password: 'secret' },
      csdsDomain: `http://${this.#server.host}`,
      reconnect: fastReconnect,
      logger: false,
      ...options,
    });
    this.#agents.push(agent);
    return agent;
  }

  /** A conversation, with the bot assigned. */
  open(id: string): RawConversation {
    const conversation = { id, log: [], mine: true, closed: false };
    this.conversations.set(id, conversation);
    this.tell(conversation);
    return conversation;
  }

  /** Puts an event of somebody into the log; pushes it unless that is to be lost. */
  say(
    { id, log }: RawConversation,
    text: string,
    { push = true, as = 'CONSUMER' }: { push?: boolean; as?: 'CONSUMER' | 'ASSIGNED_AGENT' } = {},
  ): RawRecord {
    const originator = as === 'CONSUMER' ? 'consumer' : 'another-agent';
    const record: RawRecord = {
      sequence: log.length,
      dialogId: id,
      originatorId: originator,
      originatorMetadata: { id: originator, role: as },
      serverTimestamp: this.#time++,
      event: { type: 'ContentEvent', contentType: 'text/plain', message: text },
    };
    log.push(record);
    if (push) this.push(record);
    return record;
  }

  push(record: unknown): void {
    this.notify('.ams.ms.OnlineEventDistribution', record);
  }

  /** Notifies every connection of something. */
  notify(type: string, body: unknown): void {
    for (const socket of this.#server.sockets) notify(socket, type, body);
  }

  /** Tells the subscribers of a conversation's state. */
  tell(conversation: RawConversation): void {
    for (const [subscriptionId, socket] of this.#subscriptions) {
      notify(socket, '.ams.aam.ExConversationChangeNotification', this.changes(subscriptionId, [conversation]));
    }
  }

  close(conversation: RawConversation): void {
    conversation.closed = true;
    this.tell(conversation);
  }

  /** What the bot has said. */
  said({ log }: RawConversation): unknown[] {
    return log
      .filter((record) => isOwn(record) && record.event.type !== 'AcceptStatusEvent')
      .map(({ event }) => event['message']);
  }

  /** What the bot has marked READ. */
  read({ log }: RawConversation): unknown[] {
    return log.filter(({ event }) => event.type === 'AcceptStatusEvent').flatMap(({ event }) => event['sequenceList']);
  }

  count(type: string): number {
    return this.requests.filter((request) => request.type === type).length;
  }

  /** Cuts every connection. */
  cut(): void {
    this.#server.cut();
  }

  /** Closes every connection with a code. */
  closeWith(code: number): void {
    for (const socket of this.#server.sockets) socket.close(code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.close()));
    await this.#server[Symbol.asyncDispose]();
  }

  #respondHttp({ path }: RawHttpRequest): RawHttpResponse {
    const services = ['agentVep', 'facadeMsg', 'asyncMessagingEnt', 'msgHist', 'swift', 'accountConfigReadOnly'];
    const baseURIs = services.map((service) => ({ service, account: ACCOUNT, baseURI: this.#server.host }));
    const session = { csrf: 'c', bearer: 'b', sessionTTl: '28800000', config: { userId: USER, userPid: PID } };
    return { status: 200, body: path.includes('baseURI') ? { baseURIs } : path.includes('/login') ? session : {} };
  }

  #forget(socket: WebSocket): void {
    for (const [id, owner] of this.#subscriptions) if (owner === socket) this.#subscriptions.delete(id);
  }

  #receive(socket: WebSocket, request: RawRequest): void {
    const type = request.type.slice(request.type.lastIndexOf('.') + 1);
    this.requests.push({ type, request });
    const response = this.hooks.get(type)?.(request, socket) ?? this.#respond(type, request, socket);
    if (response === 'silent') return;
    const { code = 200, body = 'OK', after } = response;
    writeFrame(socket, { kind: 'resp', reqId: request.id, code, type: 'r', body });
    after?.();
  }

  #respond(type: string, request: RawRequest, socket: WebSocket): RawResponse {
    if (type === 'GetClock') return { body: { currentTime: this.#time } };
    if (type === 'SubscribeExConversations') return this.#subscribe(request, socket);
    if (type.startsWith('Subscribe')) return { body: { subscriptionId: 's' } };
    if (type === 'UnsubscribeExConversations') this.#subscriptions.delete(request.body.subscriptionId ?? '');
    if (type === 'QueryMessages') return { body: this.query(request) };
    if (type === 'PublishEvent') return this.publish(request);
    return {};
  }

  #subscribe({ body }: RawRequest, socket: WebSocket): RawResponse {
    const subscriptionId = `subscription-${this.#subscriptions.size}-${this.upgrades}`;
    this.#subscriptions.set(subscriptionId, socket);
    const { agentIds, conversationId } = body;
    const all = [...this.conversations.values()];
    const fits = ({ id, mine, closed }: RawConversation) =>
      conversationId === undefined
        ? !closed && (mine || !agentIds)
        : id === conversationId && (mine || closed || this.showsOthers);
    const first = this.changes(subscriptionId, all.filter(fits));
    const after = () => notify(socket, '.ams.aam.ExConversationChangeNotification', first);
    return { body: { subscriptionId }, after };
  }

  /** The usual response to QueryMessages. */
  query({ body }: RawRequest): RawRecord[] {
    const { dialogId, newerThanSequence = -1 } = body;
    const { maxQuantity = Number.POSITIVE_INFINITY, olderThanSequence = Number.POSITIVE_INFINITY } = body;
    const { log = [] } = this.conversations.get(dialogId) ?? {};
    const range = log.filter(({ sequence }) => sequence > newerThanSequence && sequence < olderThanSequence);
    const size = Math.min(maxQuantity, this.pageSize);
    if (range.length <= size) return range;
    return this.pagesFrom === 'oldest' ? range.slice(0, size) : range.slice(-size);
  }

  /** The usual response to PublishEvent: the event is kept and pushed. */
  publish({ body, metadata }: RawRequest): RawResponse {
    const { dialogId, event, messageAudience } = body;
    const conversation = this.conversations.get(dialogId);
    if (!conversation || conversation.closed) return { code: 400, body: 'no such dialog' };
    const record: RawRecord = {
      sequence: conversation.log.length,
      dialogId,
      originatorId: `${ACCOUNT}.${USER}`,
      originatorMetadata: { id: PID, role: 'ASSIGNED_AGENT' },
      serverTimestamp: this.#time++,
      event,
      ...(messageAudience !== undefined && { messageAudience }),
      ...(metadata && this.keepsMetadata && { metadata }),
    };
    conversation.log.push(record);
    return { body: { sequence: record.sequence }, after: () => this.push(record) };
  }

  /** The body of a notification that tells of conversations. */
  changes(subscriptionId: string, conversations: readonly RawConversation[]) {
    const changes = conversations.map(({ id, mine, closed, log, survey }) => {
      const state = closed ? 'CLOSE' : 'OPEN';
      const own = { id: `${ACCOUNT}.${USER}`, role: 'ASSIGNED_AGENT', state: 'ACTIVE' };
      const participantsDetails = [{ id: 'consumer', role: 'CONSUMER', state: 'ACTIVE' }, ...(mine ? [own] : [])];
      const conversationDetails = {
        convId: id,
        state,
        stage: state,
        startTs: this.#time,
        metaDataLastUpdateTs: this.#time++,
        participants: { CONSUMER: ['consumer'], ASSIGNED_AGENT: mine ? [own.id] : [] },
        participantsPId: { CONSUMER: ['consumer'], ASSIGNED_AGENT: mine ? [PID] : [] },
        dialogs: [
          { dialogId: id, dialogType: 'MAIN', channelType: 'MESSAGING', state, participantsDetails },
          ...(survey
            ? [
                {
                  dialogId: `${id}-survey`,
                  dialogType: 'POST_SURVEY',
                  channelType: 'MESSAGING',
                  state: survey,
                  participantsDetails,
                },
              ]
            : []),
        ],
      };
      const last = log.findLast(({ event }) => event.type === 'ContentEvent');
      return {
        type: 'UPSERT',
        result: { convId: id, conversationDetails, ...(last && { lastContentEventNotification: last }) },
      };
    });
    return { subscriptionId, changes };
  }
}

function notify(socket: WebSocket, type: string, body: unknown): void {
  writeFrame(socket, { kind: 'notification', type, body });
}

function isOwn({ originatorMetadata }: RawRecord): boolean {
  return originatorMetadata.id === PID;
}

/** Resolves when something is so; looks at every turn of the event loop. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}
