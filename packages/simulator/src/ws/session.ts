import type { Duplex } from 'node:stream';
import type { ClockTimer } from '@lp/core';
import type { FaultRules } from '../faults/rules.ts';
import { type Call, type Caller, type HandlerResponse, isObject, partyOf, readMetadata } from '../handlers/call.ts';
import { handlers } from '../handlers/index.ts';
import type { Journal } from '../journal.ts';
import { readJson } from '../json.ts';
import { type Client, Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { endOfTurn } from '../turns.ts';
import { type Dialect, isRequestType, type RequestName, requestOf, responseType } from '../wire.ts';
import { Inbound } from './inbound.ts';
import { type Credential, expiredCode, initialise } from './init-connection.ts';
import type { FrameSocket } from './local-socket.ts';
import { Outbound } from './outbound.ts';

/** What all sockets of a simulator share. */
export interface SessionContext {
  readonly platform: Platform;
  readonly journal: Journal;
  readonly rules: FaultRules;
  /** A socket from which nothing has come for this long is closed. */
  readonly idleTimeoutMs: number;
  /** Called when a socket has closed. */
  ended(session: Session): void;
}

export interface SessionStart {
  readonly id: string;
  readonly kind: 'agent' | 'consumer';
  /** Undefined while a consumer's socket has not said who it is. */
  readonly caller?: Caller;
  readonly version: string;
  /** The login of an agent's socket, the token of a consumer's. */
  readonly credential?: Credential;
}

const INIT_TIMEOUT_MS = 5_000;
/** A client knows its new conversation when it has the id of it, and not when a notification comes first. */
const OPENING: ReadonlySet<RequestName> = new Set([
  'ConsumerRequestConversation',
  'AgentRequestConversation',
  'RequestConversation',
]);
const MAX_ID = 64;

/** One socket of an agent or a consumer: reads requests, responds to them, carries notifications. */
export class Session implements Client {
  readonly id: string;
  readonly kind: 'agent' | 'consumer';
  readonly seesSuggested: boolean;
  readonly #context: SessionContext;
  readonly #socket: FrameSocket;
  readonly #stream: Duplex | undefined;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  #credential: Credential | undefined;
  #idle: ClockTimer | undefined;
  #caller: Caller | undefined;
  #seenAt: number;
  #init: ClockTimer | undefined;
  #corked = false;

  constructor(
    context: SessionContext,
    socket: FrameSocket,
    stream: Duplex | undefined,
    { id, kind, caller, version, credential }: SessionStart,
  ) {
    const { clock } = context.platform;
    this.id = id;
    this.kind = kind;
    this.seesSuggested = kind === 'agent' && version !== '2' && version !== '2.0';
    this.#context = context;
    this.#socket = socket;
    this.#stream = stream;
    this.#credential = credential;
    const username = caller?.kind === 'agent' ? caller.agent.account.username : undefined;
    this.#outbound = new Outbound({ username, write: (text) => this.#write(text) }, context.rules, clock);
    const read = (text: string) => this.#received(text);
    this.#inbound = new Inbound({ clock, socket, frozen: () => this.frozen, read });
    this.#seenAt = clock.now();
    // A scripted consumer, on a connection within the process, stays as a device does that pings.
    if (stream) this.#watchIdle(context.idleTimeoutMs);
    if (caller) this.#introduce(caller);
    else this.#init = clock.setTimer(() => this.close(4401, 'Not initialized'), INIT_TIMEOUT_MS, { background: true });
    socket.on('message', (data: { toString(): string }) => this.#inbound.arrived(data.toString()));
    socket.on('ping', () => this.#seen());
    socket.on('close', () => this.#closed());
    // A broken socket also closes; without a listener the process would end.
    socket.on('error', () => undefined);
  }

  get partyId(): string {
    return this.#caller ? partyOf(this.#caller) : '';
  }

  get username(): string | undefined {
    return this.#caller?.kind === 'agent' ? this.#caller.agent.account.username : undefined;
  }

  /** False from the moment it begins to close. */
  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  notify(text: string): void {
    this.#outbound.notification(text);
  }

  close(code: number, reason = ''): void {
    this.#socket.close(code, reason);
  }

  /** Drops the connection without a word. */
  terminate(): void {
    this.#socket.terminate();
  }

  get frozen(): boolean {
    return this.#outbound.frozen;
  }

  /** Reads and writes nothing until `thaw`, not even pongs. */
  freeze(): void {
    this.#outbound.freeze();
    this.#socket.pause();
  }

  thaw(): void {
    this.#outbound.thaw();
    this.#inbound.readOn();
  }

  /** Ends the delays of what is to be written. */
  letGo(): void {
    this.#outbound.letGo();
  }

  #introduce(caller: Caller): void {
    this.#init?.cancel();
    this.#caller = caller;
    this.#context.platform.connected(this);
  }

  #received(text: string): void {
    this.#seen();
    const { journal, platform, rules } = this.#context;
    journal.record('in', this, text, platform.clock.now());
    const slow = rules.active && this.kind === 'agent' ? rules.strike('slowReads', this.username) : undefined;
    if (slow) this.#inbound.rest(slow.value);
    this.#request(parse(text));
  }

  #request(frame: Record<string, unknown> | undefined): void {
    const type = typeof frame?.['type'] === 'string' ? frame['type'] : '';
    const known = requestOf(type);
    const dialect = known?.dialect ?? (this.kind === 'agent' ? 'v2' : 'v3');
    const { rules, platform } = this.#context;
    const failing =
      rules.active && this.kind === 'agent'
        ? rules.strike('failRequest', this.username, (rule) => isRequestType(type, rule.type ?? ''))
        : undefined;
    const response = failing
      ? { code: failing.value, body: failing.text ?? 'Simulated failure' }
      : this.#attempt(frame, known?.name, dialect);
    const { answerOrder } = platform.quirks;
    if (answerOrder === 'last') platform.flush();
    this.#respond(frame?.['id'], type, known?.name, dialect, response);
    if (known !== undefined && OPENING.has(known.name)) platform.notifier.flushLater();
    else platform.flush();
  }

  #attempt(
    frame: Record<string, unknown> | undefined,
    name: RequestName | undefined,
    dialect: Dialect,
  ): HandlerResponse {
    try {
      if (!frame) throw new Refusal(400, 'Bad request: not a JSON object');
      if (frame['kind'] !== undefined && frame['kind'] !== 'req')
        throw new Refusal(400, 'Bad request: kind must be req');
      const id = frame['id'];
      if (!(typeof id === 'string' || typeof id === 'number') || String(id).length > MAX_ID || id === '') {
        throw new Refusal(400, `Bad request: id must be 1 to ${MAX_ID} characters`);
      }
      if (!name) throw new Refusal(400, 'Bad request: unknown type');
      if (!this.#caller) return this.#hello(frame, name);
      if (this.#caller.kind === 'agent') this.#context.platform.rates.take(this.partyId, name);
      return handlers[name](this.#call(frame, this.#caller, dialect));
    } catch (error) {
      if (error instanceof Refusal) return { code: error.code, body: error.message };
      return { code: 500, body: 'Internal server error' };
    }
  }

  /** Who comes without a token in the upgrade says who he is first. */
  #hello(frame: Record<string, unknown>, name: RequestName): HandlerResponse {
    if (name !== 'InitConnection') throw new Refusal(401, 'Connection is not initialized');
    const result = initialise(this.#context.platform, frame['headers']);
    if ('close' in result) {
      this.close(result.close, result.reason);
      return { code: 401, body: result.reason };
    }
    this.#credential = result.credential;
    this.#introduce(result.caller);
    return { body: 'OK Connection initialized successfully' };
  }

  #call(frame: Record<string, unknown>, caller: Caller, dialect: Dialect): Call {
    const { body, metadata, encodedMetadata } = frame;
    return {
      platform: this.#context.platform,
      client: this,
      caller,
      dialect,
      body,
      fields: isObject(body) ? body : {},
      metadata: readMetadata(metadata),
      encodedMetadata,
    };
  }

  #respond(
    id: unknown,
    type: string,
    name: RequestName | undefined,
    dialect: Dialect,
    response: HandlerResponse,
  ): void {
    const { code = 200, body } = response;
    const reqId = typeof id === 'string' || typeof id === 'number' ? String(id) : '';
    const { numericIds, extraFields } = this.#context.platform.quirks;
    const numeric = numericIds && /^\d{1,15}$/.test(reqId);
    const text = JSON.stringify({
      kind: 'resp',
      reqId: numeric ? Number(reqId) : reqId,
      code,
      type: responseType(name, dialect, body),
      ...(body === undefined ? {} : { body }),
      ...(extraFields ? { unknownField: { since: 'a later version' } } : {}),
    });
    this.#outbound.respond(text, type);
  }

  #write(text: string): void {
    const { journal, platform } = this.#context;
    if (!this.open) return;
    journal.record('out', this, text, platform.clock.now());
    // Frames of one turn leave in one write: most requests cause several.
    const stream = this.#stream;
    if (stream && !this.#corked) {
      this.#corked = true;
      stream.cork();
      endOfTurn(() => {
        this.#corked = false;
        stream.uncork();
      });
    }
    this.#socket.send(text);
  }

  #seen(): void {
    this.#seenAt = this.#context.platform.clock.now();
  }

  /** Ends a socket that is idle, or whose credential has run out. A login ended by another one leaves the socket open. */
  #watchIdle(afterMs: number): void {
    const { platform, idleTimeoutMs } = this.#context;
    this.#idle = platform.clock.setTimer(
      () => {
        const now = platform.clock.now();
        const rest = this.#seenAt + idleTimeoutMs - now;
        const credential = this.#credential;
        if (rest <= 0) this.close(1001, 'Idle');
        else if (credential && credential.expiresAt <= now) {
          this.close(expiredCode(credential), 'identity token has expired');
        } else this.#watchIdle(rest);
      },
      afterMs,
      { background: true },
    );
  }

  #closed(): void {
    this.#idle?.cancel();
    this.#init?.cancel();
    this.#inbound.close();
    if (this.#caller) this.#context.platform.disconnected(this);
    this.#context.ended(this);
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  const value = readJson(text);
  return isObject(value) ? value : undefined;
}
