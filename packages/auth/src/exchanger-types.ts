import type { LpError } from '@lp/core';
import type { Dispatcher } from 'undici';
import type { PublicHosts } from './public-hosts.ts';

/** Certificate authorities as Node takes them. */
export type Authorities = string | Buffer | (string | Buffer)[];

/** One request, ready for the wire. */
export interface Exchange {
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  readonly method: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly signal: AbortSignal;
  /** Whether it may be written a second time. */
  readonly repeatable: boolean;
  /** Most bytes of a response. */
  readonly limit: number;
  /** Named in errors. */
  readonly host: string;
}

/** A response, read whole. */
export interface Received {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Record<string, string | string[]>;
  readonly body: Uint8Array;
}

/** What a failed exchange was about. */
export interface FailedExchange {
  readonly origin: string;
  readonly host: string;
  readonly service: string | undefined;
  /** Whether doing it twice does no harm. */
  readonly repeatable: boolean;
}

/** How requests get to their host: undici under Node, `fetch` in a page. */
export interface Exchanger {
  /** Loads what exchanges need; where there is nothing to load, it is left out. */
  ready?(): Promise<unknown>;
  exchange(exchange: Exchange): Promise<Received>;
  /** What `exchange` rejected with, as one of our errors. */
  errorOf(error: unknown, exchange: FailedExchange): Promise<LpError>;
  close(): Promise<void>;
}

export interface ExchangerOptions {
  readonly dispatcher: Dispatcher | undefined;
  readonly proxy: string | undefined;
  readonly ca: Authorities | undefined;
  readonly connectTimeoutMs: number;
  readonly publicHostsOnly?: PublicHosts | undefined;
}
