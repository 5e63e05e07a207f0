import { DomainLookupError, type Logger, LpError } from '@lp/core';
import { isLoopback, toError } from '@lp/core/internal';
import { hasSuffix, isHost, isPrivateHost } from './hosts.ts';
import type { HttpClient } from './http.ts';
import type { HttpResponse } from './http-response.ts';
import { BLOCKED, type Refusal, readRefusal } from './rejections.ts';
import { BaseUriSchema, BaseUrisSchema, NamedEntrySchema } from './schemas.ts';

/** Hosts by service. */
export type Hosts = Readonly<Record<string, string>>;

/** Whom to ask, and what may come back. */
export interface DomainLookupParts {
  readonly accountId: string;
  /** The host of the look-up itself. */
  readonly host: string;
  readonly insecure: boolean;
  readonly hostSuffixes: readonly string[] | undefined;
  readonly privateHosts: boolean;
  readonly http: HttpClient;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Asks the platform where an account's services are; believes no host that a token must not go to. */
export class DomainLookup {
  readonly #parts: DomainLookupParts;
  /** The services that the last list lacked, and one before it named. */
  #absent: ReadonlySet<string> = new Set();
  /** The services that the last list named without a host that can be used. */
  #unusable: ReadonlySet<string> = new Set();

  constructor(parts: DomainLookupParts) {
    this.#parts = parts;
  }

  /**
   * The hosts of all services. An entry that cannot be used is passed over; a host that was `known` before stands in for it,
   * and for a service that a list leaves out, until the next one does so too.
   */
  async all(signal: AbortSignal, known: Hosts = {}): Promise<Hosts> {
    const parsed = BaseUrisSchema.safeParse(await this.#ask('', signal), { jitless: true });
    const entries = parsed.data?.baseURIs ?? [];
    if (parsed.success && entries.length === 0) throw this.#unknownAccount();
    if (!entries.some((entry) => BaseUriSchema.safeParse(entry, { jitless: true }).success))
      throw this.#error(`${this.#parts.host} responded to the look-up without a list of services`, true);
    const hosts: Record<string, string> = {};
    const unusable = new Set<string>();
    for (const entry of entries) {
      const { data } = BaseUriSchema.safeParse(entry, { jitless: true });
      if (data && isHost(data.baseURI)) hosts[data.service] = this.#checked(data.service, data.baseURI);
      else unusable.add(NamedEntrySchema.safeParse(entry, { jitless: true }).data?.service ?? '');
    }
    for (const service of unusable) {
      const facts = { service: nameOf(service), host: this.#parts.host };
      this.#parts.logger.warn('a service of the look-up has no usable host', facts);
      if (!Object.hasOwn(hosts, service) && Object.hasOwn(known, service)) hosts[service] = known[service] as string;
    }
    this.#unusable = unusable;
    const absent = Object.keys(known).filter((service) => !Object.hasOwn(hosts, service) && !this.#absent.has(service));
    for (const service of absent) {
      const facts = { service: nameOf(service), host: this.#parts.host };
      this.#parts.logger.warn('the look-up leaves a service out; its last known host is used', facts);
      hosts[service] = known[service] as string;
    }
    this.#absent = new Set(absent);
    this.#parts.logger.debug('domains looked up', { host: this.#parts.host, services: Object.keys(hosts).length });
    return hosts;
  }

  /** The host of a service that the list leaves out, or names without a usable host. */
  async one(service: string, listed: Hosts, signal: AbortSignal): Promise<Hosts> {
    const names = Object.keys(listed).map(nameOf).toSorted().join(', ');
    const unknown = this.#unusable.has(service)
      ? this.#error(`the look-up at ${this.#parts.host} names no usable host for ${service}`, true, { service })
      : this.#error(`account ${this.#parts.accountId} has no service ${service}; it has: ${names}`, false, { service });
    const body = await this.#ask(`/${service}`, signal, unknown);
    const parsed = BaseUriSchema.safeParse(body, { jitless: true });
    if (!parsed.success || parsed.data.service !== service || !isHost(parsed.data.baseURI)) throw unknown;
    return { [service]: this.#checked(service, parsed.data.baseURI) };
  }

  /** `unknown` is what a response of "no such thing" means, when it is not the account that is asked for. */
  async #ask(path: string, signal: AbortSignal, unknown?: DomainLookupError): Promise<unknown> {
    let response: HttpResponse;
    try {
      response = await this.#parts.http.request({
        method: 'GET',
        origin: `${this.#parts.insecure ? 'http' : 'https'}://${this.#parts.host}`,
        path: `/api/account/${this.#parts.accountId}/service${path}/baseURI.json`,
        query: { version: '1.0' },
        signal,
      });
    } catch (error) {
      if (signal.aborted || !LpError.isInstance(error) || error.code === 'CLOSED') throw error;
      throw new DomainLookupError(`the domain look-up failed: ${error.message}`, {
        cause: error,
        retryable: error.retryable,
        context: { accountId: this.#parts.accountId, ...error.context },
      });
    }
    let refusal: Refusal | undefined;
    try {
      refusal = readRefusal(response, this.#parts.now(), { sentLogin: false });
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
      throw this.#error(
        `${this.#parts.host} responded to the look-up with something that is not JSON`,
        true,
        {},
        error,
      );
    }
  }

  #checked(service: string, host: string): string {
    if (this.#parts.hostSuffixes && !hasSuffix(host, this.#parts.hostSuffixes)) {
      throw this.#error(
        `the look-up names ${host} for ${nameOf(service)}, which is outside hostSuffixes: nothing is sent there`,
        false,
        { service: nameOf(service) },
      );
    }
    if (!this.#parts.privateHosts && isPrivateHost(host)) {
      throw this.#error(
        `the look-up names ${host} for ${nameOf(service)}, a host of a private network: set privateHosts when that is meant`,
        false,
        { service: nameOf(service) },
      );
    }
    if (!this.#parts.insecure || isLoopback(host)) return host;
    throw this.#error(
      `the look-up names ${host} for ${nameOf(service)}, which is no loopback host, but insecure is on`,
      false,
      { service: nameOf(service) },
    );
  }

  #unknownAccount(refusal?: Refusal): DomainLookupError {
    return this.#error(
      `account ${this.#parts.accountId} is not known at ${this.#parts.host}: check LP_ACCOUNT (the accountId option) and the look-up host`,
      false,
      refusal?.context,
    );
  }

  #refused({ status, retryable, context }: Refusal): DomainLookupError {
    const message = status === 451 ? BLOCKED : `${this.#parts.host} refused the domain look-up (${status})`;
    return this.#error(message, retryable, context);
  }

  #error(message: string, retryable: boolean, context: LpError['context'] = {}, cause?: unknown): DomainLookupError {
    return new DomainLookupError(message, {
      retryable,
      context: { accountId: this.#parts.accountId, host: this.#parts.host, ...context },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** A service's name as it may stand in errors and logs: what the look-up says is somebody else's text. */
function nameOf(service: string): string {
  return /^[\w.-]{1,100}$/.test(service) ? service : 'a service with a name that cannot be shown';
}
