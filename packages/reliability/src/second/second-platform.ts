// Over 300 lines: a whole platform in one place, so that it can be read as one and shares nothing with the simulator.
import type { Clock } from '@lp/core';
import type { WebSocket } from 'ws';
import {
  type RawHttpRequest,
  type RawHttpResponse,
  RawServer,
  writeFrame,
} from '../../../agent/test/support/raw-server.ts';
import type { Random } from '../lib/random.ts';
import type { Manners } from './manners.ts';

export const ACCOUNT = '90210';
const USER = '31337';
const OLD_ID = `${ACCOUNT}.${USER}`;
const PID = 'pid-of-the-second-bot';
const RING_MS = 72_000;

/** An event of a dialog. */
interface Entry {
  readonly sequence: number;
  readonly dialogId: string;
  readonly originatorId: string;
  readonly originatorMetadata: { readonly id: string; readonly role: string };
  readonly serverTimestamp: number;
  readonly event: { readonly type: string; readonly message?: unknown };
  readonly metadata?: unknown;
}

export interface Talk {
  readonly id: string;
  readonly dialogId: string;
  readonly log: Entry[];
  /** What its consumer has said, in order. */
  readonly said: string[];
  next: number;
  mine: boolean;
  updatedAt: number;
  ring?: { readonly id: string; readonly until: number } | undefined;
}

interface Request {
  readonly id: string;
  readonly type: string;
  readonly body?: {
    readonly dialogId?: string;
    readonly event?: Entry['event'];
    readonly newerThanSequence?: number;
    readonly olderThanSequence?: number;
    readonly maxQuantity?: number;
    readonly agentIds?: readonly string[];
    readonly minLastUpdatedTime?: number;
    readonly maxLastUpdatedTime?: number;
    readonly subscriptionId?: string;
    readonly ringId?: string;
    readonly ringState?: string;
    readonly availability?: string;
  };
  readonly metadata?: unknown;
}

/** What becomes of a request instead of the usual; `late` is the usual, so many milliseconds later. */
export type Fate =
  | { readonly code: number; readonly body?: unknown }
  | { readonly late: number }
  | 'silent'
  | 'cutBefore'
  | 'cutAfter';

/** What the weather makes of things; all of it undefined on a good day. */
export interface Weather {
  http(path: string): RawHttpResponse | undefined;
  upgrade(): RawHttpResponse | undefined;
  request(type: string): Fate | undefined;
  /** What is written instead of a notification: none, two, or others first. */
  notification(frame: object): readonly object[];
}

interface Subscription {
  readonly socket: WebSocket;
  readonly kind: 'conversations' | 'rings';
  readonly agentIds: readonly string[] | undefined;
}

/** Another platform than the simulator's: one agent, talks that are assigned or offered to it, and manners drawn by chance. */
export class SecondPlatform {
  readonly talks: Talk[] = [];
  weather: Weather | undefined;
  logins = 0;
  readonly #manners: Manners;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #tokens = new Map<WebSocket, string>();
  readonly #online = new Set<WebSocket>();
  #server!: RawServer;
  #token = '';
  #lastMoment = 0;
  #ids = 0;

  private constructor(manners: Manners, random: Random, clock: Clock) {
    this.#manners = manners;
    this.#random = random;
    this.#clock = clock;
  }

  static async start(manners: Manners, random: Random, clock: Clock): Promise<SecondPlatform> {
    const platform = new SecondPlatform(manners, random, clock);
    platform.#server = await RawServer.start({
      http: (request) => platform.weather?.http(request.path) ?? platform.#http(request),
      upgrade: (path) => platform.weather?.upgrade() ?? platform.#mayOpen(path),
      opened: (socket, path) => void platform.#tokens.set(socket, tokenIn(path)),
      closed: (socket) => platform.#forget(socket),
      frame: (socket, text) => platform.#receive(socket, JSON.parse(text) as Request),
    });
    return platform;
  }

  get host(): string {
    return this.#server.host;
  }

  get connections(): number {
    return this.#server.sockets.size;
  }

  /** A talk that is assigned to the bot, or offered to it. */
  open({ offered = false } = {}): Talk {
    const id = `talk-${++this.#ids}`;
    const talk: Talk = {
      id,
      dialogId: this.#manners.dialogIsConversation ? id : `dialog-of-${id}`,
      log: [],
      said: [],
      next: this.#manners.firstSequence,
      mine: !offered,
      updatedAt: this.#moment(),
    };
    this.talks.push(talk);
    if (offered) this.#offer(talk);
    else if (!this.#manners.messagesFirst) this.#tell(talk);
    return talk;
  }

  /** Its consumer says something. */
  say(talk: Talk, text: string): void {
    talk.said.push(text);
    const id = `consumer-of-${talk.id}`;
    this.#push(this.#write(talk, id, { id, role: 'CONSUMER' }, { type: 'ContentEvent', message: text }));
    this.#tell(talk);
  }

  /** Takes a talk from the bot, or gives it back. */
  assign(talk: Talk, mine: boolean): void {
    if (talk.mine === mine) return;
    talk.mine = mine;
    this.#tell(talk);
  }

  /** As time goes on: an offer that nobody took is made again, under another id. */
  tick(): void {
    for (const talk of this.talks) if (talk.ring && talk.ring.until <= this.#clock.now()) this.#offer(talk);
  }

  /** Ends every connection, with a code or without a word. */
  close(code?: number): void {
    for (const socket of this.#server.sockets) {
      if (code === undefined) socket.terminate();
      else socket.close(code);
    }
  }

  /** The token is worth nothing any more. */
  revoke(): void {
    this.#token = 'none';
  }

  /** Writes something to every connection. */
  write(text: string | Buffer): void {
    for (const socket of this.#server.sockets) if (socket.readyState === 1) socket.send(text);
  }

  /** What the bot has said in a talk. */
  answersIn({ log }: Talk): string[] {
    return log
      .filter(({ event, originatorMetadata }) => originatorMetadata.id === PID && event.type === 'ContentEvent')
      .map(({ event }) => String(event.message));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #now(): number {
    return this.#clock.now() + this.#manners.skewMs;
  }

  /** A time of its own: pages of conversations are told apart by them. */
  #moment(): number {
    this.#lastMoment = Math.max(this.#now(), this.#lastMoment + 1);
    return this.#lastMoment;
  }

  #http({ path }: RawHttpRequest): RawHttpResponse {
    if (path.includes('/baseURI')) {
      const names = ['agentVep', 'asyncMessagingEnt', 'facadeMsg', 'msgHist'];
      const baseURIs = names.map((service) => ({ service, account: ACCOUNT, baseURI: this.host }));
      return { status: 200, body: { baseURIs } };
    }
    if (path.endsWith('/refresh')) return this.#token === 'none' ? { status: 401 } : { status: 200 };
    if (!path.endsWith('/login')) return { status: 200, body: {} };
    this.#token = `CANARY-bearer-${++this.logins}`;
    const config = { loginName: 'bot', userId: USER, userPid: PID };
    return { status: 200, body: { bearer: this.#token, csrf: 'CANARY-csrf', sessionTTl: '28800000', config } };
  }

  #mayOpen(path: string): RawHttpResponse | undefined {
    return tokenIn(path) === this.#token ? undefined : { status: 401 };
  }

  #forget(socket: WebSocket): void {
    this.#tokens.delete(socket);
    this.#online.delete(socket);
    for (const [id, subscription] of this.#subscriptions) {
      if (subscription.socket === socket) this.#subscriptions.delete(id);
    }
  }

  #receive(socket: WebSocket, request: Request): void {
    const type = request.type.slice(request.type.lastIndexOf('.') + 1);
    const fate = this.weather?.request(type);
    if (fate === 'cutBefore') return socket.terminate();
    if (typeof fate === 'object' && 'code' in fate) {
      return writeFrame(socket, { kind: 'resp', reqId: request.id, type: 'r', ...fate });
    }
    const { body, then } = this.#perform(type, request, socket);
    const respond = () => {
      if (fate === 'cutAfter') socket.terminate();
      if (typeof fate === 'string') return;
      const code = this.#random.pick(this.#manners.codes);
      writeFrame(socket, { kind: 'resp', reqId: request.id, code, type: 'r', body });
    };
    const { changes } = this.#manners;
    const when = changes === 'any' ? this.#random.pick(['before', 'after', 'later'] as const) : changes;
    if (when === 'before') then?.();
    if (typeof fate === 'object') this.#clock.setTimer(respond, fate.late);
    else respond();
    if (when === 'after') then?.();
    if (when === 'later' && then) this.#clock.setTimer(then, 30);
  }

  /** The response's body, and what is told because of it. */
  #perform(type: string, { body = {}, metadata }: Request, socket: WebSocket): { body: unknown; then?: () => void } {
    switch (type) {
      case 'GetClock':
        return { body: { currentTime: this.#now() } };
      case 'SubscribeExConversations':
        return this.#subscribeConversations(body, socket);
      case 'SubscribeRoutingTasks':
        return this.#subscribeRings(socket);
      case 'UnsubscribeExConversations':
        this.#subscriptions.delete(body.subscriptionId ?? '');
        return { body: 'OK' };
      case 'SetAgentState':
        if (body.availability === 'ONLINE') this.#online.add(socket);
        return { body: 'OK', then: () => this.#tellRings() };
      case 'UpdateRingState':
        return this.#answerRing(body);
      case 'QueryMessages':
        return { body: this.#query(body) };
      case 'PublishEvent':
        return this.#publish(body, metadata);
      default:
        return { body: 'OK' };
    }
  }

  #subscribeConversations(body: NonNullable<Request['body']>, socket: WebSocket) {
    const subscriptionId = `c${++this.#ids}`;
    const { agentIds, minLastUpdatedTime = 0, maxLastUpdatedTime = Number.POSITIVE_INFINITY } = body;
    this.#subscriptions.set(subscriptionId, { socket, kind: 'conversations', agentIds });
    const then = () => {
      const found = this.talks
        .filter(({ updatedAt }) => updatedAt >= minLastUpdatedTime && updatedAt <= maxLastUpdatedTime)
        .filter((talk) => talk.mine || !agentIds)
        .toSorted((a, b) => b.updatedAt - a.updatedAt)
        .slice(0, this.#manners.conversationPage);
      const changes = found.map((talk) => this.#change(talk));
      this.#notify(socket, '.ams.aam.ExConversationChangeNotification', { subscriptionId, changes });
    };
    return { body: { subscriptionId }, then };
  }

  #subscribeRings(socket: WebSocket) {
    const subscriptionId = `r${++this.#ids}`;
    this.#subscriptions.set(subscriptionId, { socket, kind: 'rings', agentIds: undefined });
    return { body: { subscriptionId }, then: () => this.#tellRings() };
  }

  #answerRing({ ringId, ringState }: NonNullable<Request['body']>) {
    const talk = this.talks.find(({ ring }) => ring?.id === ringId);
    if (!talk) return { body: 'OK' };
    if (ringState !== 'ACCEPTED') return { body: 'OK', then: () => this.#offer(talk) };
    talk.ring = undefined;
    talk.mine = true;
    return { body: 'OK', then: () => this.#tell(talk) };
  }

  #query(body: NonNullable<Request['body']>): Entry[] {
    const { dialogId, newerThanSequence: newer = -1, olderThanSequence: older = Number.POSITIVE_INFINITY } = body;
    const { inclusive, pageSize, pagesFrom } = this.#manners;
    const log = this.talks.find((talk) => talk.dialogId === dialogId)?.log ?? [];
    const range = log.filter(({ sequence }) => (inclusive ? sequence >= newer : sequence > newer) && sequence < older);
    const size = Math.min(pageSize + (inclusive ? 1 : 0), body.maxQuantity ?? Number.POSITIVE_INFINITY);
    return pagesFrom === 'oldest' || size >= range.length ? range.slice(0, size) : range.slice(-size);
  }

  #publish({ dialogId, event }: NonNullable<Request['body']>, metadata: unknown) {
    const talk = this.talks.find((one) => one.dialogId === dialogId);
    if (!talk || !event) return { body: 'no such dialog' };
    const kept = this.#manners.keepsMetadata && metadata !== undefined ? { metadata } : {};
    const isNumbered = event.type === 'ContentEvent' || this.#manners.numberedReads;
    if (!isNumbered) return { body: { sequence: talk.next } };
    const entry = this.#write(talk, OLD_ID, { id: PID, role: 'ASSIGNED_AGENT' }, event, kept);
    return { body: { sequence: entry.sequence }, then: () => this.#push(entry) };
  }

  #write(
    talk: Talk,
    originatorId: string,
    originatorMetadata: Entry['originatorMetadata'],
    event: Entry['event'],
    more: { metadata?: unknown } = {},
  ): Entry {
    const entry = {
      sequence: talk.next,
      dialogId: talk.dialogId,
      originatorId,
      originatorMetadata,
      serverTimestamp: this.#now(),
      event,
      ...more,
    };
    talk.next += 1 + this.#random.below(this.#manners.gap + 1);
    talk.log.push(entry);
    talk.updatedAt = this.#moment();
    return entry;
  }

  #push(entry: Entry): void {
    for (const socket of this.#server.sockets) this.#notify(socket, '.ams.ms.OnlineEventDistribution', entry);
  }

  #tell(talk: Talk): void {
    talk.updatedAt = this.#moment();
    for (const [subscriptionId, { kind, socket, agentIds }] of this.#subscriptions) {
      if (kind !== 'conversations') continue;
      // Who asked for his own is told that this one is his no more.
      const change = !talk.mine && agentIds ? { type: 'DELETE', result: { convId: talk.id } } : this.#change(talk);
      this.#notify(socket, '.ams.aam.ExConversationChangeNotification', { subscriptionId, changes: [change] });
    }
  }

  #offer(talk: Talk): void {
    talk.ring = { id: `ring-${++this.#ids}`, until: this.#clock.now() + RING_MS };
    this.#tellRings();
  }

  #tellRings(): void {
    const offered = this.talks.flatMap(({ id, ring }) => (ring ? [{ id, ring }] : []));
    const changes = offered.map(({ id, ring }) => ({
      type: 'UPSERT',
      result: {
        routingTaskId: `task-${id}`,
        conversationId: id,
        ringsDetails: [
          {
            ringId: ring.id,
            ringState: 'WAITING',
            convId: id,
            ringExpirationTs: ring.until + this.#manners.skewMs,
          },
        ],
      },
    }));
    if (changes.length === 0) return;
    for (const [subscriptionId, { kind, socket }] of this.#subscriptions) {
      if (kind !== 'rings' || !this.#online.has(socket)) continue;
      this.#notify(socket, '.ams.routing.RoutingTaskNotification', { subscriptionId, changes });
    }
  }

  #change({ id, dialogId, mine, log, updatedAt }: Talk): object {
    const consumer = `consumer-of-${id}`;
    const last = log.findLast(({ event }) => event.type === 'ContentEvent');
    const participantsDetails = [
      { id: consumer, role: 'CONSUMER', state: 'ACTIVE' },
      ...(mine ? [{ id: OLD_ID, role: 'ASSIGNED_AGENT', state: 'ACTIVE' }] : []),
    ];
    const conversationDetails = {
      convId: id,
      state: 'OPEN',
      stage: 'OPEN',
      startTs: updatedAt,
      metaDataLastUpdateTs: updatedAt,
      participants: { CONSUMER: [consumer], ASSIGNED_AGENT: mine ? [OLD_ID] : [] },
      participantsPId: { CONSUMER: [consumer], ASSIGNED_AGENT: mine ? [PID] : [] },
      dialogs: [{ dialogId, dialogType: 'MAIN', channelType: 'MESSAGING', state: 'OPEN', participantsDetails }],
    };
    const result = { convId: id, conversationDetails, ...(last && { lastContentEventNotification: last }) };
    return { type: 'UPSERT', result };
  }

  #notify(socket: WebSocket, type: string, body: unknown): void {
    const frame = { kind: 'notification', type, body };
    for (const one of this.weather?.notification(frame) ?? [frame]) writeFrame(socket, one);
  }
}

function tokenIn(path: string): string {
  return decodeURIComponent(/\/brand\/([^/]*)$/.exec(path)?.[1] ?? '');
}
