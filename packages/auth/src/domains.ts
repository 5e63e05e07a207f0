import { type Clock, ConfigError, DomainLookupError, type Logger, systemClock } from '@lp/core';
import { guardLogger, isLoopback, isWithin, optionsChecker } from '@lp/core/internal';
import { DomainLookup, type Hosts } from './domain-lookup.ts';
import type { DomainLookupOptions, DomainResolver, DomainResolverOptions } from './domain-types.ts';
import { checkAccountId, isHost, isPrivateHost, parseCsdsDomain } from './hosts.ts';
import { SingleFlight } from './single-flight.ts';

const TOLERATED_REFUSALS = 1;
// No service has this name: the key of the whole list in the cache.
const LIST = '*';

/** Makes a {@link DomainResolver}. Nothing is asked before the first call; calls at the same time share one request. */
export function createDomainResolver(options: DomainResolverOptions): DomainResolver {
  return new CsdsResolver(options);
}

/** @throws ConfigError that names what is wrong or unknown. */
function checkLookup(call: string, options: DomainLookupOptions): void {
  const check = optionsChecker(options, call);
  check.signals(['signal']);
  check.booleans(['refresh']);
  check.nothingElse();
}

interface CacheEntry {
  at: number;
  hosts: Hosts;
  /** The platform's own refusals of this look-up in a row, since it had these hosts. */
  refusals: number;
}

class CsdsResolver implements DomainResolver {
  readonly #accountId: string;
  readonly #host: string;
  readonly #insecure: boolean;
  readonly #overrides: Hosts;
  readonly #lookup: DomainLookup;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #cacheMs: number;
  readonly #listing = new SingleFlight<CacheEntry>();
  readonly #single = new Map<string, SingleFlight<CacheEntry>>();
  readonly #cache = new Map<string, CacheEntry>();

  constructor(options: DomainResolverOptions) {
    const check = optionsChecker(options, 'createDomainResolver');
    check.known(['accountId', 'csdsDomain']);
    check.objects(['domains']);
    check.booleans(['insecure', 'privateHosts']);
    check.some(['hostSuffixes'], 'a list of host names', (value) => Array.isArray(value) && value.every(isHost));
    check.objects(['http'], { methods: ['request'], required: true });
    check.clocks(['clock']);
    check.loggers(['logger']);
    check.durations(['cacheMs'], { zero: true });
    check.nothingElse();
    const { accountId, csdsDomain = 'adminlogin.liveperson.net', domains = {}, cacheMs = 60_000 } = options;
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
    this.#overrides = { ...domains };
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    this.#cacheMs = cacheMs;
    this.#lookup = new DomainLookup({
      accountId,
      host,
      insecure,
      hostSuffixes: options.hostSuffixes,
      privateHosts: options.privateHosts ?? isPrivateHost(host),
      http: options.http,
      now: () => this.#clock.now(),
      logger: this.#logger,
    });
  }

  async all(options: DomainLookupOptions = {}): Promise<Hosts> {
    checkLookup('all', options);
    const { hosts } = await this.#cached(LIST, options, this.#listing, (signal) =>
      this.#lookup.all(signal, this.#cache.get(LIST)?.hosts),
    );
    return { ...hosts, ...this.#overrides };
  }

  async resolve(service: string, options: DomainLookupOptions = {}): Promise<string> {
    checkLookup('resolve', options);
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

  peek(): Hosts | undefined {
    const entry = this.#cache.get(LIST);
    return entry && { ...entry.hosts, ...this.#overrides };
  }

  async #resolveUnlisted(service: string, listed: Hosts, options: DomainLookupOptions): Promise<string> {
    const flight = this.#single.get(service) ?? new SingleFlight<CacheEntry>();
    this.#single.set(service, flight);
    try {
      const { hosts } = await this.#cached(service, options, flight, (signal) =>
        this.#lookup.one(service, listed, signal),
      );
      return hosts[service] as string;
    } catch (error) {
      // The list may have left it out by mistake: it is not kept.
      const list = this.#cache.get(LIST);
      if (list && DomainLookupError.isInstance(error)) this.#cache.set(LIST, { ...list, at: Number.NEGATIVE_INFINITY });
      throw error;
    } finally {
      if (!flight.active) this.#single.delete(service);
    }
  }

  async #cached(
    key: string,
    { signal, refresh = false }: DomainLookupOptions,
    flight: SingleFlight<CacheEntry>,
    look: (signal: AbortSignal) => Promise<Hosts>,
  ): Promise<CacheEntry> {
    signal?.throwIfAborted();
    const entry = this.#cache.get(key);
    if (entry && !refresh && isWithin(entry.at, this.#cacheMs, this.#clock.now())) return entry;
    return flight.run(async (shared) => {
      try {
        const fresh = { hosts: await look(shared), at: this.#clock.now(), refusals: 0 };
        this.#cache.set(key, fresh);
        return fresh;
      } catch (error) {
        if (shared.aborted || !entry || refresh || !DomainLookupError.isInstance(error)) throw error;
        // Hosts change once in years. Only the platform's own no, when it is repeated, outweighs the last known ones.
        entry.refusals = error.retryable ? 0 : entry.refusals + 1;
        if (entry.refusals > TOLERATED_REFUSALS) throw error;
        const facts = { accountId: this.#accountId, host: this.#host, reason: error.message };
        this.#logger.warn('the look-up failed; the last known hosts are used', facts);
        return entry;
      }
    }, signal);
  }
}
