import { type Session, socketAgent } from '@lp/auth';
import {
  type Clock,
  DomainLookupError,
  type Logger,
  LpError,
  NotConnectedError,
  ProtocolError,
  SessionExpiredError,
} from '@lp/core';
import {
  createTransport,
  type PreparingConnection,
  type StatusEvent,
  type Transport,
  type TransportOptions,
} from '@lp/transport';
import type { Identities } from '../inbound/mapping/index.ts';
import { describeRejection } from '../inbound/mapping/index.ts';
import type { PlatformClock } from '../inbound/platform-clock.ts';
import type { ReportInvalid } from '../rest/index.ts';
import type { ResolvedOptions } from './agent-options.ts';
import { type Call, createCall, createRawRequest } from './call.ts';
import type { DesiredState } from './desired-state.ts';
import { learnOwnIds } from './own-ids.ts';
import { type AccountServices, publicHostsOf } from './services.ts';

/** What the socket of an agent needs. */
export interface AgentSocketParts {
  readonly options: ResolvedOptions;
  readonly services: AccountServices;
  readonly identities: Identities;
  readonly platformClock: PlatformClock;
  readonly reportInvalid: ReportInvalid;
  /** What to ask for again on a new connection. */
  readonly desired: () => DesiredState;
  /** Whether a frame's text says only what is known. */
  readonly isKnown: (text: string) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The agent's connection: a transport that knows where to dial, with which token, and what to restore. */
export class AgentSocket {
  readonly transport: Transport;
  readonly #parts: AgentSocketParts;
  #dialed: Session | undefined;
  /** The session whose owner was asked for. */
  #asked: Session | undefined;
  /** Whether the platform has refused the token that was dialled with. */
  #isRevoked = false;
  /** Look-ups in a row, before there was a host to go on with, in which a service was missing. */
  #absences = 0;
  #firstFailure: Error | undefined;

  constructor(parts: AgentSocketParts) {
    this.#parts = parts;
    const { clock, isKnown, logger, options } = parts;
    const { signal, requestTimeoutMs, reconnect, keepAlive, tls, wsAgent, gate } = options;
    const { maxInFlight, maxPayloadBytes, outboxBytes } = options;
    this.transport = createTransport({
      url: ({ reason, signal: abort }) => this.#url(reason, abort).catch((error: unknown) => this.#refuse(error)),
      prepare: (connection) => this.#prepare(connection),
      describeRejection,
      skipFrame: isKnown,
      clock,
      logger,
      signal,
      requestTimeoutMs,
      // A service outlives any outage; a script that cannot connect has been told at the start.
      reconnect: reconnect === false ? false : { maxAttempts: Infinity, ...reconnect },
      keepAlive,
      tls,
      agent: wsAgent ?? wayTo(options),
      maxInFlight,
      maxPayloadBytes,
      outboxBytes,
      gate,
    });
    this.transport.onStatus((event) => {
      if (event.type === 'reconnecting') this.#isRevoked = isRevocation(event);
    });
  }

  /** Connects for the first time; rejects with what stands in the way. */
  async connect(): Promise<void> {
    const stop = this.#parts.options.firstConnect === 'fail' ? this.#giveUpAtFirstFailure() : undefined;
    try {
      await this.transport.connect();
    } catch (error) {
      throw this.#firstFailure ?? error;
    } finally {
      stop?.();
    }
  }

  /** A script must not seem to hang while the transport tries again and again to connect for the first time. Returns how to stop. */
  #giveUpAtFirstFailure(): () => void {
    let renewed = false;
    return this.transport.onStatus((event) => {
      if (event.type !== 'reconnecting') return;
      // A token may be refused in the moment it is made: one dial with a new one belongs to the first connection.
      if (event.reason === 'reauth' && !renewed) {
        renewed = true;
        return;
      }
      // The transport says which dial failed; why it did is more use to who reads it.
      this.#firstFailure = LpError.isInstance(event.error?.cause) ? event.error.cause : event.error;
      void this.transport.close();
    });
  }

  /** The bearer stands in the URL's path: that is the platform's way. The URL is used at once and kept nowhere. */
  async #url(reason: 'first' | 'retry' | 'reauth', signal: AbortSignal): Promise<string> {
    const { identities, options, services } = this.#parts;
    const { domains, renewable, sessions } = services;
    const { accountId, apiVersion, csds, wsDomainType } = options;
    // One that cannot be renewed is good until the platform itself says no: a page, or a server's error, is no such word.
    const needsOther = reason === 'reauth' && (renewable || this.#isRevoked);
    const [session, host] = await Promise.all([
      needsOther
        ? sessions.renew('the socket refused the token', { signal, unless: this.#dialed, revoked: this.#isRevoked })
        : sessions.session({ signal }),
      domains.resolve(wsDomainType, { signal }),
    ]);
    this.#absences = 0;
    this.#dialed = session;
    identities.apply(session);
    const scheme = csds.insecure ? 'ws' : 'wss';
    const bearer = encodeURIComponent(session.bearer);
    return `${scheme}://${host}/ws_api/account/${accountId}/messaging/brand/${bearer}?v=${apiVersion}`;
  }

  /** Who tries again at the start does so after one look-up that lacks a service, too: the next may name it. */
  #refuse(error: unknown): never {
    const lacksService =
      DomainLookupError.isInstance(error) && !error.retryable && error.context['service'] !== undefined;
    if (!lacksService || this.#parts.options.firstConnect === 'fail' || ++this.#absences > 1) throw error;
    throw new NotConnectedError(error.message, { cause: error, context: error.context });
  }

  /** The server may accept a socket and drop it: only a response shows that it is usable. */
  async #prepare(connection: PreparingConnection): Promise<void> {
    const { desired, identities, options, platformClock, reportInvalid, services, logger } = this.#parts;
    const { signal } = connection;
    const rawRequest = createRawRequest(connection.request, options.interceptors ?? []);
    const call = createCall(rawRequest, identities, reportInvalid);
    platformClock.learn(await askTime(call, connection));
    const session = this.#dialed;
    const isKnown = identities.userId !== '' && identities.agentId !== undefined;
    if (session && session !== this.#asked && !isKnown) {
      const { domains, http } = services;
      await learnOwnIds({ identities, session, call, http, domains, logger, signal });
      this.#asked = session;
    }
    if (connection.reconnected) await desired().restore(call, signal);
  }
}

/** The platform's time, when it tells one: a response of another form shows that the connection is usable all the same. */
async function askTime(call: Call, { signal, reconnected }: PreparingConnection): Promise<number | undefined> {
  try {
    return (await call('getClock', undefined, { signal })).currentTime;
  } catch (error) {
    if (ProtocolError.isInstance(error)) return undefined;
    if (!reconnected || !LpError.isInstance(error) || error.retryable) throw error;
    // What has worked once is not ended by one refusal.
    throw new NotConnectedError('the platform refused to tell its time', { cause: error });
  }
}

/** The way of the socket: through the proxy, or to public hosts only; undefined: the usual one. */
function wayTo(options: ResolvedOptions): TransportOptions['agent'] {
  const { proxy, tls } = options;
  const publicHostsOnly = publicHostsOf(options);
  if (proxy === undefined && publicHostsOnly === undefined) return undefined;
  return ({ origin }) => socketAgent(proxy, origin, { ca: tls?.ca, publicHostsOnly });
}

/** Whether a dial with a new token follows because the platform took the last one no more, and not for another reason. */
function isRevocation({ error, reason }: Extract<StatusEvent, { type: 'reconnecting' }>): boolean {
  if (reason !== 'reauth') return false;
  if (SessionExpiredError.isInstance(error)) return true;
  return LpError.isInstance(error) && (error.context['closeCode'] === 4401 || error.context['closeCode'] === 4407);
}
