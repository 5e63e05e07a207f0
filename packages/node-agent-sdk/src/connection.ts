import type { Session } from '@lp/auth';
import { type ClockTimer, SessionExpiredError, systemClock } from '@lp/core';
import { createTransport, type StatusEvent, type Transport, type UrlAttempt } from '@lp/transport';
import { type AgentConfig, type LoginKind, optionsIn } from './config.ts';
import { type ConnectionListener, tellUpkeep } from './connection-listener.ts';
import { type Place, type SDKError, toSdkError } from './errors.ts';
import type { Location } from './events.ts';
import { closeServices, createServices, type Services } from './services.ts';

const FIRST = { csds: 'Connect#CSDS', login: 'Connect#Login' } as const;
const AGAIN = { csds: 'Reconnect#CSDS', login: 'Reconnect#Relogin#WS' } as const;

const NO_CLOSE_FRAME = 1006;
const YOUNG_TOKEN_MS = 5_000;
const REVIVAL_MS = 1_000;
const LONGEST_REVIVAL_MS = 120_000;

/**
 * The connection of an agent: a transport, its look-up and its logins, for as long as the engine goes on by itself. When
 * it has given up, `reconnect` begins anew, no sooner than the platform's spacings allow.
 */
export class Connection {
  readonly #conf: () => AgentConfig;
  readonly #kind: LoginKind;
  readonly #listener: ConnectionListener;
  #services: Services | undefined;
  #transport: Transport | undefined;
  #revival: ClockTimer | undefined;
  #notBefore = 0;
  #failures = 0;
  #renewAtOnce = false;
  #everOpened = false;
  #dials = 0;
  /** The session of the last dial. */
  #session: Session | undefined;
  /** Whether the platform refused the token of the last dial. */
  #refused = false;
  /** What the last dial failed of before its socket. */
  #failure: { error: SDKError; location: Location } | undefined;
  /** Whether the connection that ended last had been usable. */
  #wasOpen = false;
  /** The code to tell for a loss that the program asked for. */
  #askedCode: number | undefined;

  constructor(conf: () => AgentConfig, kind: LoginKind, listener: ConnectionListener) {
    this.#conf = conf;
    this.#kind = kind;
    this.#listener = listener;
  }

  /** The session of the last dial. */
  get session(): Session | undefined {
    return this.#session;
  }

  get transport(): Transport | undefined {
    return this.#transport;
  }

  /** @throws ConfigError for options that cannot be used. */
  get services(): Services {
    if (this.#services) return this.#services;
    const services = createServices(this.#conf, this.#kind);
    services.sessions.onChange((event) => {
      if (event.type === 'sessionRenewed' && services.sessions.current) this.#identify(services.sessions.current);
      tellUpkeep(event, this.#listener);
    });
    this.#services = services;
    return services;
  }

  /** Dials, unless that is under way or done. */
  open(): void {
    if (this.#transport || this.#revival) return;
    const waitMs = this.#notBefore - Date.now();
    if (waitMs <= 0) {
      this.#begin();
      return;
    }
    this.#revival = systemClock.setTimer(() => {
      this.#revival = undefined;
      this.#begin();
    }, waitMs);
  }

  /** Replaces the connection, hurries the dial under way, or begins anew. */
  reconnect({ keepToken }: { keepToken: boolean }): void {
    const mayRenew = !keepToken && this.#kind !== 'token';
    this.#services?.sessions.hurry();
    if (this.#transport) {
      this.#transport.reconnect({ reauth: mayRenew && 'ifOld' }).catch(() => undefined);
      return;
    }
    this.#renewAtOnce ||= mayRenew;
    this.open();
  }

  /** Ends the present connection as a loss with this code. With `stay`, nothing follows from it. */
  drop(code: number, { stay = false } = {}): void {
    const transport = this.#transport;
    if (!transport || transport.state === 'closed') return;
    this.#askedCode = code;
    if (stay || this.#conf().reconnect === false) transport.terminate();
    else transport.reconnect().catch(() => undefined);
  }

  /** Ends everything now; nothing is told any more. `open` begins anew. */
  close(): void {
    this.#revival?.cancel();
    this.#revival = undefined;
    const transport = this.#transport;
    this.#transport = undefined;
    transport?.terminate();
    if (this.#services) closeServices(this.#services);
    this.#services = undefined;
    this.#everOpened = false;
    this.#session = undefined;
    this.#notBefore = 0;
  }

  #begin(): void {
    const { requestTimeoutMs, reconnect, agent, ca } = optionsIn(this.#conf());
    this.#dials = 0;
    this.#wasOpen = false;
    this.#refused = false;
    let transport: Transport;
    try {
      void this.services;
      transport = createTransport({
        url: (attempt) => this.#url(attempt),
        requestTimeoutMs,
        reconnect,
        agent,
        logger: false,
        tls: ca === undefined ? undefined : { ca },
      });
    } catch (error) {
      this.#over(toSdkError(error, 'csds'), FIRST.csds);
      return;
    }
    this.#transport = transport;
    transport.onStatus((event) => {
      if (this.#transport === transport) this.#follow(event);
    });
    transport.onNotification((frame) => this.#listener.received(frame));
    // What becomes of it is told by its status.
    transport.connect().catch(() => undefined);
  }

  #follow(event: StatusEvent): void {
    switch (event.type) {
      case 'connecting':
        this.#failure = undefined;
        return;
      case 'connected':
      case 'reconnected':
        this.#everOpened = true;
        this.#wasOpen = true;
        this.#failures = 0;
        this.#refused = false;
        this.#listener.opened();
        return;
      case 'disconnected':
        // Without an error, it is the replacement that `reconnect()` asked for.
        this.#lose(event.closeCode ?? (event.error ? NO_CLOSE_FRAME : undefined));
        return;
      case 'reconnecting':
        this.#refused = SessionExpiredError.isInstance(event.error);
        if (this.#wasOpen) this.#wasOpen = false;
        else if (event.error) this.#tellFailure(event.error, false);
        return;
      case 'closed':
        this.#end(event.error);
        return;
      case 'invalidFrame':
        this.#listener.warn(`a frame that cannot be read was left out: ${event.reason}`);
        return;
      case 'slowConsumer':
      case 'listenerError':
    }
  }

  #lose(code: number | undefined): void {
    const told = this.#askedCode ?? code;
    this.#askedCode = undefined;
    this.#listener.lost(told);
  }

  #end(error: Error | undefined): void {
    this.#transport = undefined;
    this.#notBefore = Date.now() + REVIVAL_MS;
    if (this.#askedCode !== undefined) {
      this.#lose(this.#askedCode);
    } else if (!this.#wasOpen) {
      this.#tellFailure(error ?? new Error('the connection has ended'), true);
      this.#listener.ended();
    } else if (error && this.#conf().reconnect !== false) {
      this.#tellFailure(error, true);
    }
  }

  #tellFailure(error: Error, final: boolean): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (final) this.#slowDown();
    this.#listener.failed(failure?.error ?? toSdkError(error, 'socket'), failure?.location, final);
  }

  #over(error: SDKError, location: Location): void {
    this.#slowDown();
    this.#listener.failed(error, location, true);
    this.#listener.ended();
  }

  /** A program that begins anew whenever it ends must not become a storm of logins. */
  #slowDown(): void {
    const waitMs = Math.min(YOUNG_TOKEN_MS * 2 ** this.#failures++, LONGEST_REVIVAL_MS);
    this.#notBefore = Date.now() + waitMs;
    // A session manager that was refused for good asks no more.
    if (this.#services?.sessions.status().state === 'failed') {
      closeServices(this.#services);
      this.#services = undefined;
    }
  }

  /** The bearer stands in the URL's path: that is the platform's way. */
  async #url(attempt: UrlAttempt): Promise<string> {
    const { domains } = this.services;
    const { accountId, wsDomainType } = this.#conf();
    const { apiVersion } = optionsIn(this.#conf());
    const at = this.#everOpened ? AGAIN : FIRST;
    const { signal } = attempt;
    const refresh = this.#dials++ > 0 || this.#everOpened;
    const host = await this.#step('csds', at.csds, async () => {
      const hosts = await domains.all({ signal, refresh });
      const wanted = Object.hasOwn(hosts, String(wsDomainType)) ? hosts[String(wsDomainType)] : undefined;
      return wanted ?? hosts['facadeMsg'] ?? (await domains.resolve('facadeMsg', { signal }));
    });
    this.#listener.succeeded(at.csds);
    const before = this.#session;
    const session = await this.#step('login', at.login, () => this.#logIn(attempt));
    this.#identify(session);
    if (session !== before || at === FIRST) this.#listener.succeeded(at.login);
    const bearer = encodeURIComponent(session.bearer);
    return `wss://${host}/ws_api/account/${accountId}/messaging/brand/${bearer}?v=${apiVersion}`;
  }

  async #logIn({ reason, signal }: UrlAttempt): Promise<Session> {
    const { sessions } = this.services;
    const { current } = sessions;
    const renewAtOnce = this.#renewAtOnce;
    this.#renewAtOnce = false;
    if (this.#kind === 'token') {
      const isNew = current !== undefined && current.bearer !== String(this.#conf().token);
      if (isNew) return sessions.renew('conf.token has changed', { signal });
      if (this.#refused) {
        throw new SessionExpiredError('the platform no longer accepts conf.token: set a new one and call reconnect()');
      }
      return sessions.session({ signal });
    }
    if (reason === 'reauth') return sessions.renew('the socket asked for it', { signal, unless: this.#session });
    const isOld = (sessions.status().tokenAgeMs ?? 0) >= YOUNG_TOKEN_MS;
    return renewAtOnce && isOld ? sessions.renew('reconnect', { signal }) : sessions.session({ signal });
  }

  #identify(session: Session): void {
    if (session === this.#session) return;
    this.#session = session;
    this.#listener.identified(session);
  }

  async #step<T>(place: Place, location: Location, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      this.#failure = { error: toSdkError(error, place), location };
      throw error;
    }
  }
}
