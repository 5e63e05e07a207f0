import { type Clock, LpError, NotConnectedError, RequestRejectedError } from '@lp/core';
import { ladderDelay, sleep, toError } from '@lp/core/internal';
import type { ResponseBody } from '@lp/schemas';
import type { RequestInput } from '../inbound/mapping/index.ts';
import { type Call, isRefusal } from './call.ts';
import type { RequestOptions } from './request-options.ts';

/** The requests that make the platform send notifications. */
export type SubscribeName = 'subscribeExConversations' | 'subscribeRoutingTasks' | 'subscribeAgentsState';

/** What a subscription gives. */
export interface SubscriptionHandle {
  /** Stays valid across reconnects, although the platform's own id does not. */
  subscriptionId: string;
}

/** Something the platform would not restore after a reconnect, however often it was asked. */
export interface RefusedRestoration {
  readonly what: SubscribeName | 'setAgentState';
  readonly subscriptionId?: string;
  readonly error: LpError;
}

/** Something that could not be restored for now, and will be asked for again on the same connection. */
export interface DelayedRestoration {
  readonly what: SubscribeName | 'setAgentState';
  readonly subscriptionId?: string;
  /** How often this connection has asked for it. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: Error;
}

interface DesiredStateParts {
  readonly call: Call;
  readonly clock: Clock;
  readonly refused: (restoration: RefusedRestoration) => void;
  readonly delayed: (restoration: DelayedRestoration) => void;
}

interface Desire {
  readonly what: RefusedRestoration['what'];
  body: object;
  /** The platform's id on the present connection; another after each reconnect. */
  serverId?: string | undefined;
  /** How often in a row the platform has refused it. */
  refusals: number;
  readonly onLost?: ((error: LpError) => void) | undefined;
}

const AGENT_STATE = 'agent state';
// A refusal may be a hiccup; one that repeats must not cost the agent everything else.
const MOST_REFUSALS = 3;
// A rate limit asks for a second at least; the platform's word for its own errors is to slow down to minutes.
const AGAIN_AFTER_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
const LONGEST_WAIT_MS = 1_000;

/**
 * What the user asked the platform for and the platform forgets with the connection: subscriptions and the agent's
 * state. After every reconnect all of it is asked for again, under ids of our own.
 */
export class DesiredState {
  readonly #parts: DesiredStateParts;
  readonly #desires = new Map<string, Desire>();
  /** What has been asked for and not been answered yet. */
  readonly #asked: SubscribeName[] = [];
  #onForgotten: (name: SubscribeName, body: object) => void = () => undefined;
  /** Settles when the newest state that was asked for has its response. */
  #stateAsked: Promise<unknown> = Promise.resolve();
  #lastId = 0;

  constructor(parts: DesiredStateParts) {
    this.#parts = parts;
  }

  /** Subscribes, and remembers it once the platform has agreed. `onLost` is called when it can no longer be restored. */
  async subscribe(
    name: SubscribeName,
    body: object,
    options?: RequestOptions,
    onLost?: (error: LpError) => void,
  ): Promise<SubscriptionHandle> {
    this.#asked.push(name);
    const response = await this.#parts.call(name, body, options).finally(() => {
      this.#asked.splice(this.#asked.indexOf(name), 1);
    });
    const serverId = subscriptionIdOf(response);
    const subscriptionId = `subscription-${++this.#lastId}`;
    this.#desires.set(subscriptionId, { what: name, body, serverId, refusals: 0, onLost });
    return { subscriptionId };
  }

  /** The platform's present id for one that was handed out; an unknown id is passed on as it is. */
  serverIdOf(subscriptionId: string): string {
    return this.#desires.get(subscriptionId)?.serverId ?? subscriptionId;
  }

  /** Calls a function from now on with each subscription that is no longer asked for, or no longer with this body. */
  onForgotten(listener: (name: SubscribeName, body: object) => void): void {
    this.#onForgotten = listener;
  }

  /** Whether something of this kind is subscribed to; with `fits`, with a body for which that is true. */
  has(name: SubscribeName, fits: (body: object) => boolean = () => true): boolean {
    for (const { what, body } of this.#desires.values()) if (what === name && fits(body)) return true;
    return false;
  }

  /** Whether something of this kind is subscribed to, or has been asked for. */
  isAskedFor(name: SubscribeName): boolean {
    return this.#asked.includes(name) || this.has(name);
  }

  /** From now on the subscription is asked for with this body. */
  replaceBody(subscriptionId: string, body: object): void {
    const desire = this.#desires.get(subscriptionId);
    if (!desire) return;
    const before = desire.body;
    desire.body = body;
    this.#tellForgotten(desire.what, before);
  }

  /** The subscription is not asked for again. */
  forget(subscriptionId: string): void {
    const desire = this.#desires.get(subscriptionId);
    this.#desires.delete(subscriptionId);
    if (desire) this.#tellForgotten(desire.what, desire.body);
  }

  #tellForgotten(what: Desire['what'], body: object): void {
    if (what !== 'setAgentState') this.#onForgotten(what, body);
  }

  /** Sets the agent's own state, and sets it again after a reconnect: the platform does not keep it. */
  setAgentState(body: RequestInput<'setAgentState'>, options?: RequestOptions): Promise<ResponseBody<'setAgentState'>> {
    const set = async () => {
      const response = await this.#parts.call('setAgentState', body, options);
      this.#desires.set(AGENT_STATE, { what: 'setAgentState', body, refusals: 0 });
      return response;
    };
    const asked = set();
    this.#stateAsked = asked.catch(() => undefined);
    return asked;
  }

  /**
   * Asks for everything again on a fresh connection, until `signal` says that it is gone. Resolves when every subscription
   * to conversations is there, for messages need it; the rest, which they do not need, is waited for a second at most, and
   * asked for again in the background. Rejects with a retryable error when a subscription to conversations is refused:
   * better another connection than a deaf one. What was refused three times in a row is given up and reported.
   */
  async restore(call: Call, signal: AbortSignal): Promise<void> {
    const needed: Promise<void>[] = [];
    const others: Promise<void>[] = [];
    for (const [id, desire] of this.#desires) {
      const asking = this.#restoreOne(call, signal, id, desire);
      if (isNeeded(desire)) needed.push(asking);
      else others.push(asking.catch(() => undefined));
    }
    const restored = await Promise.allSettled(needed);
    const failures = restored.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    // A lost connection says more than a refusal that came before it.
    const failure = failures.find((error) => !isRefusal(error)) ?? failures[0];
    if (failure === undefined) return await this.#waitFor(others);
    if (!LpError.isInstance(failure) || failure.retryable) throw failure;
    throw new NotConnectedError('the platform refused to restore a subscription', { cause: failure });
  }

  async #waitFor(others: readonly Promise<void>[]): Promise<void> {
    const enough = new AbortController();
    const moment = sleep(this.#parts.clock, LONGEST_WAIT_MS, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([Promise.all(others), moment]);
    enough.abort();
  }

  async #restoreOne(call: Call, signal: AbortSignal, id: string, desire: Desire): Promise<void> {
    const { clock, delayed } = this.#parts;
    for (let attempt = 1; this.#desires.get(id) === desire; attempt++) {
      try {
        desire.serverId = subscriptionIdOf(await call(desire.what, desire.body as never));
        desire.refusals = 0;
        return;
      } catch (error) {
        if (LpError.isInstance(error) && isRefusal(error) && ++desire.refusals >= MOST_REFUSALS) {
          this.#giveUp(id, desire, error);
          return;
        }
        if (signal.aborted || (isNeeded(desire) && !isBusy(error))) throw error;
        const delayMs = ladderDelay(AGAIN_AFTER_MS, attempt) ?? 0;
        delayed({ ...named(id, desire), attempt, delayMs, error: toError(error) });
        await sleep(clock, delayMs, { signal });
        // One that is on its way may be another: the older must not come after it.
        if (id === AGENT_STATE) await this.#stateAsked;
      }
    }
  }

  #giveUp(id: string, desire: Desire, error: LpError): void {
    this.#desires.delete(id);
    this.#parts.refused({ ...named(id, desire), error });
    desire.onLost?.(error);
    this.#tellForgotten(desire.what, desire.body);
  }
}

function named(id: string, { what }: Desire): Pick<RefusedRestoration, 'what' | 'subscriptionId'> {
  return id === AGENT_STATE ? { what } : { what, subscriptionId: id };
}

function isNeeded({ what }: Desire): boolean {
  return what === 'subscribeExConversations';
}

function isBusy(error: unknown): boolean {
  return RequestRejectedError.isInstance(error) && error.retryable;
}

function subscriptionIdOf(response: unknown): string | undefined {
  const id = (response as { subscriptionId?: unknown } | undefined)?.subscriptionId;
  return typeof id === 'string' ? id : undefined;
}
