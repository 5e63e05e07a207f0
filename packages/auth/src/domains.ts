import {
  type Clock,
  ConfigError,
  DomainLookupError,
  type Logger,
  type LoggerOption,
  LpError,
  systemClock,
} from '@lp/core';
import { guardLogger, isLoopback, optionsChecker, toError } from '@lp/core/internal';
import { checkAccountId, hasSuffix, isHost, isPrivateHost, parseCsdsDomain } from './hosts.ts';
import type { HttpClient } from './http.ts';
import type { HttpResponse } from './http-response.ts';
import { BLOCKED, type Refusal, readRefusal } from './rejections.ts';
import { BaseUriSchema, BaseUrisSchema } from './schemas.ts';
import { SingleFlight } from './single-flight.ts';

/** Finds the hosts of an account's services. */
export interface DomainResolver {
  /**
   * The bare host, with a port where it has one, of a service. A service that is missing in the account's list is asked
   * for by its name.
   * @throws DomainLookupError when the look-up failed, or names no such service; ConfigError for a malformed name.
   */
  resolve(service: string, options?: DomainLookupOptions): Promise<string>;
  /** The hosts of all services, by name. */
  all(options?: DomainLookupOptions): Promise<Readonly<Record<string, string>>>;
  /** As `resolve`, with the scheme in front: `https://`, or `http://` when insecure. */
  origin(service: string, options?: DomainLookupOptions): Promise<string>;
  /** The hosts that the last look-up of all services gave, however old, without asking; undefined before the first. */
  peek(): Readonly<Record<string, string>> | undefined;
}

export interface DomainLookupOptions {
  signal?: AbortSignal | undefined;
  /** Asks again although the last answer is fresh. */
  refresh?: boolean | undefined;
}

export interface DomainResolverOptions {
  accountId: string;
  /** Default `adminlogin.liveperson.net`; see {@link parseCsdsDomain} for what may stand here. */
  csdsDomain?: string | undefined;
  /** Hosts by service that are used instead of what the look-up says, always. */
  domains?: Readonly<Record<string, string>> | undefined;
  /** The only hosts, by suffix, that the look-up may name: `['liveperson.net']` lets no token go elsewhere. Default: any. */
  hostSuffixes?: readonly string[] | undefined;
  /**
   * Accepts private and link-local hosts from the look-up. Default: only when the look-up itself is at such a host, so
   * that nobody on the way can point a login or a token into the network of this machine.
   */
  privateHosts?: boolean | undefined;
  /** Plain http, for loopback hosts only. */
  insecure?: boolean | undefined;
  http: HttpClient;
  clock?: Clock | undefined;
  logger?: LoggerOption;
  /** How long an answer is used. Default 60,000. Failures and empty answers are never kept. */
  cacheMs?: number | undefined;
}

/** Makes a {@link DomainResolver}. Nothing is asked before the first call; calls at the same time share one request. */
export function createDomainResolver(options: DomainResolverOptions): DomainResolver {
  return new CsdsResolver(options);
}

interface CacheEntry {
  at: number;
  hosts: Readonly<Record<string, string>>;
}

class CsdsResolver implements DomainResolver {
  readonly #accountId: string;
  readonly #host: string;
  readonly #insecure: boolean;
  readonly #hostSuffixes: readonly string[] | undefined;
  readonly #privateHosts: boolean;
  /** The platform's own refusals of the look-up, in a row. */
  #refusals = 0;
  readonly #overrides: Readonly<Record<string, string>>;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #cacheMs: number;
  readonly #listing = new SingleFlight<CacheEntry>();
  readonly #single = new Map<string, SingleFlight<CacheEntry>>();
  readonly #cache = new Map<string, CacheEntry>();

  constructor(options: DomainResolverOptions) {
    const { accountId, csdsDomain = 'adminlogin.liveperson.net', domains = {}, cacheMs = 60_000 } = options;
    const check = optionsChecker(options, 'createDomainResolver');
    check.known(['accountId', 'csdsDomain', 'domains']);
    check.booleans(['insecure', 'privateHosts']);
    check.some(['hostSuffixes'], 'a list of host names', (value) => Array.isArray(value) && value.every(isHost));
    check.objects(['http'], { required: true });
    check.objects(['clock']);
    check.objects(['logger'], { orFalse: true });
    check.durations(['cacheMs'], { zero: true });
    check.nothingElse();
    checkAccountId(accountId);
    const { host, insecure } = parseCsdsDomain(csdsDomain, { insecure: options.insecure });
    for (const [service, override] of Object.entries(domains)) {
      if (!isHost(override)) throw new ConfigError(`domains.${service} must be a host with an optional port`);
      if (insecure && !isLoopback(override)) {
        throw new ConfigError(`domains.${service} must be a loopback host, since insecure is on`);
      }
    }
    this.#accountId = accountId;
    this.#host = host;
    this.#insecure = insecure;
    this.#hostSuffixes = options.hostSuffixes;
    this.#privateHosts = options.privateHosts ?? isPrivateHost(host);
    this.#overrides = { ...domains };
    this.#http = options.http;
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    this.#cacheMs = cacheMs;
  }

  async all(options: DomainLookupOptions = {}): Promise<Readonly<Record<string, string>>> {
    const { hosts } = await this.#cached(LIST, options, this.#listing, (signal) => this.#list(signal));
    return { ...hosts, ...this.#overrides };
  }

  async resolve(service: string, options: DomainLookupOptions = {}): Promise<string> {
    if (typeof service !== 'string' || !/^[\w.-]{1,100}$/.test(service)) {
      throw new ConfigError('service must be the name of a service: letters, digits, dots, dashes and underscores');
    }
    if (Object.hasOwn(this.#overrides, service)) return this.#overrides[service] as string;
    const hosts = await this.all(options);
    return Object.hasOwn(hosts, service) ? (hosts[service] as string) : this.#resolveUnlisted(service, hosts, options);
  }

  async origin(service: string, options: DomainLookupOptions = {}): Promise<string> {
    return `${this.#insecure ? 'http' : 'https'}://${await this.resolve(service, options)}`;
  }

  peek(): Readonly<Record<string, string>> | undefined {
    const entry = this.#cache.get(LIST);
    return entry && { ...entry.hosts, ...this.#overrides };
  }

  async #resolveUnlisted(
    service: string,
    listed: Readonly<Record<string, string>>,
    options: DomainLookupOptions,
  ): Promise<string> {
    const flight = this.#single.get(service) ?? new SingleFlight<CacheEntry>();
    this.#single.set(service, flight);
    try {
      const { hosts } = await this.#cached(service, options, flight, (signal) => this.#one(service, listed, signal));
      return hosts[service] as string;
    } finally {
      if (!flight.active) this.#single.delete(service);
    }
  }

  async #cached(
    key: string,
    { signal, refresh = false }: DomainLookupOptions,
    flight: SingleFlight<CacheEntry>,
    look: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>,
  ): Promise<CacheEntry> {
    signal?.throwIfAborted();
    const entry = this.#cache.get(key);
    const age = this.#clock.now() - (entry?.at ?? 0);
    // A negative age means that the clock was set back: nobody knows how old the entry is.
    if (entry && !refresh && age >= 0 && age < this.#cacheMs) return entry;
    return flight.run(async (shared) => {
      try {
        const fresh = { hosts: await look(shared), at: this.#clock.now() };
        this.#cache.set(key, fresh);
        this.#refusals = 0;
        return fresh;
      } catch (error) {
        if (shared.aborted || !entry || refresh || !DomainLookupError.isInstance(error)) throw error;
        // Hosts change once in years. Only the platform's own no, when it is repeated, outweighs the last known ones.
        this.#refusals = error.retryable ? 0 : this.#refusals + 1;
        if (this.#refusals > TOLERATED_REFUSALS) throw error;
        const facts = { accountId: this.#accountId, host: this.#host, reason: error.message };
        this.#logger.warn('the look-up failed; the last known hosts are used', facts);
        return entry;
      }
    }, signal);
  }

  async #list(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const parsed = BaseUrisSchema.safeParse(await this.#ask('', signal));
    if (!parsed.success) throw this.#error(`${this.#host} answered the look-up without a list of services`, true);
    if (parsed.data.baseURIs.length === 0) throw this.#unknownAccount();
    const hosts: Record<string, string> = {};
    for (const { service, baseURI } of parsed.data.baseURIs) {
      if (isHost(baseURI)) hosts[service] = this.#checked(service, baseURI);
      else this.#logger.warn('a service of the look-up has no usable host', { service, host: this.#host });
    }
    this.#logger.debug('domains looked up', { host: this.#host, services: Object.keys(hosts).length });
    return hosts;
  }

  async #one(
    service: string,
    listed: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    const names = Object.keys(listed).map(nameOf).toSorted().join(', ');
    const unknown = this.#error(`account ${this.#accountId} has no service ${service}; it has: ${names}`, false, {
      service,
    });
    const answer = await this.#ask(`/${service}`, signal, unknown);
    const parsed = BaseUriSchema.safeParse(answer);
    if (!parsed.success || parsed.data.service !== service || !isHost(parsed.data.baseURI)) throw unknown;
    return { [service]: this.#checked(service, parsed.data.baseURI) };
  }

  /** `unknown` is what an answer of "no such thing" means, when it is not the account that is asked for. */
  async #ask(path: string, signal: AbortSignal, unknown?: DomainLookupError): Promise<unknown> {
    let response: HttpResponse;
    try {
      response = await this.#http.request({
        method: 'GET',
        origin: `${this.#insecure ? 'http' : 'https'}://${this.#host}`,
        path: `/api/account/${this.#accountId}/service${path}/baseURI.json`,
        query: { version: '1.0' },
        signal,
      });
    } catch (error) {
      if (signal.aborted || !LpError.isInstance(error) || error.code === 'CLOSED') throw error;
      throw new DomainLookupError(`the domain look-up failed: ${error.message}`, {
        cause: error,
        retryable: error.retryable,
        context: { accountId: this.#accountId, ...error.context },
      });
    }
    let refusal: Refusal | undefined;
    try {
      refusal = readRefusal(response, this.#clock.now());
    } catch (error) {
      if (unknown && response.status >= 400 && response.status < 500 && response.status !== 407) throw unknown;
      throw this.#error(
        `the domain look-up failed: ${toError(error).message}`,
        true,
        { status: response.status },
        error,
      );
    }
    if (refusal)
      throw [400, 401, 404].includes(refusal.status)
        ? (unknown ?? this.#unknownAccount(refusal))
        : this.#refused(refusal);
    try {
      return response.json();
    } catch (error) {
      throw this.#error(`${this.#host} answered the look-up with something that is not JSON`, true, {}, error);
    }
  }

  #checked(service: string, host: string): string {
    if (this.#hostSuffixes && !hasSuffix(host, this.#hostSuffixes)) {
      throw this.#error(
        `the look-up names ${host} for ${nameOf(service)}, which is outside hostSuffixes: nothing is sent there`,
        false,
        { service: nameOf(service) },
      );
    }
    if (!this.#privateHosts && isPrivateHost(host)) {
      throw this.#error(
        `the look-up names ${host} for ${nameOf(service)}, a host of a private network: set privateHosts when that is meant`,
        false,
        { service: nameOf(service) },
      );
    }
    if (!this.#insecure || isLoopback(host)) return host;
    throw this.#error(
      `the look-up names ${host} for ${nameOf(service)}, which is no loopback host, but insecure is on`,
      false,
      { service: nameOf(service) },
    );
  }

  #unknownAccount(refusal?: Refusal): DomainLookupError {
    return this.#error(
      `account ${this.#accountId} is not known at ${this.#host}: check LP_ACCOUNT (the accountId option) and the look-up host`,
      false,
      refusal?.context,
    );
  }

  #refused({ status, retryable, context }: Refusal): DomainLookupError {
    const message = status === 451 ? BLOCKED : `${this.#host} refused the domain look-up (${status})`;
    return this.#error(message, retryable, context);
  }

  #error(message: string, retryable: boolean, context: LpError['context'] = {}, cause?: unknown): DomainLookupError {
    return new DomainLookupError(message, {
      retryable,
      context: { accountId: this.#accountId, host: this.#host, ...context },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

const TOLERATED_REFUSALS = 1;

/** A service's name as it may stand in errors and logs: what the look-up says is somebody else's text. */
function nameOf(service: string): string {
  return /^[\w.-]{1,100}$/.test(service) ? service : 'a service with a name that cannot be shown';
}

// No service has this name: the key of the whole list in the cache.
const LIST = '*';
