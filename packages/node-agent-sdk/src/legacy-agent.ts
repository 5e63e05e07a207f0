import type { EventEmitter } from 'node:events';
import type { RequestInput } from '@lp/agent';
import type { ResponseBody } from '@lp/schemas';
import type { AgentEvents, Callback } from './events.ts';
import type { LegacySde } from './legacy-types.ts';
import type { RequestFunction } from './request-names.ts';

/** A request: what precedes the callback fills the places in their order, and nothing is returned. */
export interface LegacyRequest<B, R> {
  (body?: B, callback?: Callback<R>): void;
  (body: B, headers: unknown, callback?: Callback<R>): void;
  (body: B, headers: unknown, metadata: unknown, callback?: Callback<R>): void;
  (body: B, headers: unknown, metadata: unknown, encodedMetadata: unknown, callback?: Callback<R>): void;
  /** So that `util.promisify` knows what it gives. */
  __promisify__(body?: B): Promise<R>;
}

interface ShapedResponses {
  getUserProfile: LegacySde[];
  /** The events are emitted before the callback is called. */
  subscribeMessagingEvents: undefined;
}

type Response<N extends RequestFunction> = N extends keyof ShapedResponses ? ShapedResponses[N] : ResponseBody<N>;

// Programs send more than is known of: what the platform does not take, it says.
type Open<B> = B extends object ? B & { readonly [other: string]: unknown } : B;

/** The request functions of an agent. They work unbound, as `setInterval(agent.getClock, 30000)` has them. */
export type RequestFunctions = { [N in RequestFunction]: LegacyRequest<Open<RequestInput<N>>, Response<N>> };

/** Node's own listener: it takes any parameters. */
export type AnyListener = Parameters<EventEmitter['on']>[1];

/** What a program keeps on its agent: Node's own word for a value of any kind. */
export type OwnField = Parameters<EventEmitter['emit']>[1];
type Listener<K extends keyof AgentEvents> = (...parameters: AgentEvents[K]) => void;

/** An emitter that knows the events of an agent, and takes those of a subclass and of raw wire types. */
export interface AgentEmitter extends EventEmitter {
  on<K extends keyof AgentEvents>(event: K, listener: Listener<K>): this;
  on(event: string | symbol, listener: AnyListener): this;
  once<K extends keyof AgentEvents>(event: K, listener: Listener<K>): this;
  once(event: string | symbol, listener: AnyListener): this;
  addListener<K extends keyof AgentEvents>(event: K, listener: Listener<K>): this;
  addListener(event: string | symbol, listener: AnyListener): this;
  prependListener<K extends keyof AgentEvents>(event: K, listener: Listener<K>): this;
  prependListener(event: string | symbol, listener: AnyListener): this;
  off<K extends keyof AgentEvents>(event: K, listener: Listener<K>): this;
  off(event: string | symbol, listener: AnyListener): this;
}
