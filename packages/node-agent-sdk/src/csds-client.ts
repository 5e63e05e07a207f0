import type { DomainResolver } from '@lp/auth';
import { type SDKError, toSdkError } from './errors.ts';
import { callProgram } from './telling.ts';

/** The hosts of an account's services, by name. */
export type Domains = Readonly<Record<string, string>>;

/** Told the hosts, or what went wrong. */
export type DomainsCallback = (error: SDKError | null, domains?: Domains) => void;

/** What stands at `agent.csdsClient`. */
export class CsdsClient {
  readonly #resolver: () => DomainResolver;
  #flushed = false;
  /** `flushAll` has the next call ask again. */
  readonly cache = {
    flushAll: (): void => {
      this.#flushed = true;
    },
  };

  /** @internal */
  constructor(resolver: () => DomainResolver) {
    this.#resolver = resolver;
  }

  /** Gives the hosts: within the call when they are known. */
  getAll(callback: DomainsCallback): void {
    try {
      const known = this.#flushed ? undefined : this.#resolver().peek();
      if (known) callProgram(() => callback(null, known));
      else void this.#ask(callback);
    } catch (error) {
      callProgram(() => callback(toSdkError(error, 'csds')));
    }
  }

  /** Asks again when that was wanted. */
  async refresh(): Promise<void> {
    if (!this.#flushed) return;
    await this.#resolver().all({ refresh: true });
    this.#flushed = false;
  }

  async #ask(callback: DomainsCallback): Promise<void> {
    let domains: Domains;
    try {
      domains = await this.#resolver().all({ refresh: this.#flushed });
      this.#flushed = false;
    } catch (error) {
      callProgram(() => callback(toSdkError(error, 'csds')));
      return;
    }
    callProgram(() => callback(null, domains));
  }
}
