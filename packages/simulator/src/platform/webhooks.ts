import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Clock, ConfigError } from '@lp/core';
import { checkOptionNames, isLoopback } from '@lp/core/internal';
import type { InstalledApp } from './apps.ts';

/** Where the platform posts what happens in conversations, as it does for connectors. */
export interface SimulatedWebhook {
  /** An address of this machine, http or https. */
  url: string;
  /** The app's client secret: what the signature is made with. */
  secret: string;
  /** The app that is named to the receiver. Default: the first one. */
  clientId?: string;
  /** How often a delivery that failed is tried again, 30 s later each time: 0 to 5. Default 0. */
  maxRetries?: number;
  /** What it is signed with: `sha1`, or `sha256`, which some accounts have. Default `sha1`. */
  hash?: 'sha1' | 'sha256';
  /** How the signature is written, which differs by account too. Default `base64`. */
  encoding?: 'base64' | 'hex';
}

const RETRY_MS = 30_000;
/** What the platform gives a receiver to respond to. */
const TIMEOUT_MS = 5_000;
const HASHES = ['sha1', 'sha256'];
const ENCODINGS = ['base64', 'hex'];

/** @throws ConfigError that says which webhook and which field is wrong. */
export function checkWebhooks(webhooks: readonly SimulatedWebhook[]): readonly SimulatedWebhook[] {
  if (!Array.isArray(webhooks)) throw new ConfigError('webhooks must be a list');
  webhooks.forEach((webhook: SimulatedWebhook, i) => {
    checkOptionNames(`webhooks[${i}]`, webhook, ['url', 'secret', 'clientId', 'maxRetries', 'hash', 'encoding']);
    const { url, secret, clientId, maxRetries = 0, hash = 'sha1', encoding = 'base64' } = webhook;
    const { protocol = '', hostname = '' } = URL.canParse(url) ? new URL(url) : {};
    if (!['http:', 'https:'].includes(protocol) || !isLoopback(hostname)) {
      throw new ConfigError(`webhooks[${i}].url must be an address of this machine`);
    }
    if (typeof secret !== 'string' || secret === '') throw new ConfigError(`webhooks[${i}].secret is missing`);
    if (clientId !== undefined && typeof clientId !== 'string') {
      throw new ConfigError(`webhooks[${i}].clientId must be text`);
    }
    if (!Number.isInteger(maxRetries) || maxRetries < 0 || maxRetries > 5) {
      throw new ConfigError(`webhooks[${i}].maxRetries must be a whole number from 0 to 5`);
    }
    if (!HASHES.includes(hash)) throw new ConfigError(`webhooks[${i}].hash must be one of ${HASHES.join(', ')}`);
    if (!ENCODINGS.includes(encoding)) {
      throw new ConfigError(`webhooks[${i}].encoding must be one of ${ENCODINGS.join(', ')}`);
    }
  });
  return webhooks;
}

/** Posts notifications to one address, one after the other. One that fails is tried again later, behind those that follow. */
export class Webhook {
  readonly #options: SimulatedWebhook;
  readonly #headers: Record<string, string>;
  readonly #clock: Clock;
  readonly #waiting: { text: string; retries: number }[] = [];
  readonly #ended = new AbortController();
  #busy = false;

  constructor(options: SimulatedWebhook, accountId: string, apps: readonly InstalledApp[], clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#headers = {
      'content-type': 'application/json',
      'x-liveperson-account-id': accountId,
      'x-liveperson-client-id': options.clientId ?? apps[0]?.clientId ?? '',
    };
  }

  send(text: string): void {
    this.#enqueue({ text, retries: this.#options.maxRetries ?? 0 });
  }

  /** Forgets what waits and cuts the delivery that is under way. */
  close(): void {
    this.#waiting.length = 0;
    this.#ended.abort();
  }

  #enqueue(delivery: { text: string; retries: number }): void {
    this.#waiting.push(delivery);
    if (!this.#busy) void this.#deliver();
  }

  async #deliver(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { text, retries } = next;
      const status = await this.#post(text);
      if (status === 200 || status === 201 || retries === 0 || this.#ended.signal.aborted) continue;
      const again = { text, retries: retries - 1 };
      this.#clock.setTimer(() => this.#enqueue(again), RETRY_MS, { background: true });
    }
    this.#busy = false;
  }

  /** The status of the response; undefined when there is none within 5 s. */
  #post(text: string): Promise<number | undefined> {
    const { url, secret, hash = 'sha1', encoding = 'base64' } = this.#options;
    const signature = createHmac(hash, secret).update(text).digest(encoding);
    return new Promise((resolve) => {
      const request = (url.startsWith('https:') ? requestHttps : requestHttp)(
        url,
        {
          method: 'POST',
          headers: { ...this.#headers, 'x-liveperson-signature': `${hash}=${signature}` },
          signal: this.#ended.signal,
          timeout: TIMEOUT_MS,
          agent: false,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(undefined));
      request.end(text);
    });
  }
}
