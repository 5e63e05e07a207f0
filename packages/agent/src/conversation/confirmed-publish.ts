import { type BackoffPolicy, type Clock, LpError } from '@lp/core';
import { sleep } from '@lp/core/internal';
import type { RequestBody } from '@lp/schemas';
import type { HistoryReader } from '../dialog/history.ts';
import type { ConversationStore } from '../inbound/conversation-store.ts';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { Router } from '../inbound/router.ts';
import { pauseAfter } from '../link/busy.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { AgentRequests } from '../link/requests.ts';
import type { CutOff } from './cut-off.ts';
import type { InboxRegistry } from './inbox-registry.ts';
import type { OwnEvents } from './own-events.ts';
import type { SendGate } from './send-gate.ts';
import type { SendLanes } from './send-lanes.ts';

type Body = RequestBody<'publishEvent'>;

const LOOKUP_RETRY: BackoffPolicy = { initialMs: 500, factor: 2, maxMs: 30_000, jitter: 'full' };
// A request that timed out may still be under way when the history is read for the first time.
const SECOND_LOOK_MS = 1_000;
const MOST_SENDS = 5;
const BEFORE_THE_FIRST = -1;

/** What publishing takes: the requests, and what is known of a dialog's events. */
export interface Publisher {
  readonly requests: Pick<AgentRequests, 'publishEvent'>;
  readonly history: HistoryReader;
  readonly router: Pick<Router, 'lastSequence' | 'attach'>;
  readonly store: Pick<ConversationStore, 'get' | 'watch'>;
  readonly lifetime: Pick<Lifetime, 'closed'>;
  /** What searches for own events have read of histories. */
  readonly ownEvents: OwnEvents;
  /** Who handles which dialog. */
  readonly inboxes: Pick<InboxRegistry, 'reader'>;
  readonly lanes: SendLanes;
  /** Told of hand-offs, which end what is being said. */
  readonly gate: Pick<SendGate, 'onShut'>;
  /** Tells of handlers that are cut off; of those of `serve`. */
  readonly cutOff?: Pick<CutOff, 'refusal' | 'signal'> | undefined;
  /** Whether every answer is looked for in the history before it is said, or that to a recovered message only; asked for each. */
  readonly lookUp: () => 'recovered' | 'always';
  readonly clock: Clock;
}

/** How an event is told from others in the history. */
export interface Confirmation {
  /** The event's sequence must be above this one. Default: where the dialog is when this is called. */
  readonly after?: number | undefined;
  /** The event's own id, at most 64 characters. Default: a random one. */
  readonly id?: string | undefined;
  /** Whether the event may be in the history already, so that it has to be looked up before it is sent. Default false. */
  readonly mayBeThere?: boolean | undefined;
}

/** An event that is in the dialog; `repeated` when it was there before. */
export interface Published {
  readonly sequence: number;
  readonly repeated: boolean;
}

/**
 * Publishes an event exactly once. It carries an id of its own; when the outcome of a send is not known, the history
 * says whether it arrived, and only then is it sent again.
 *
 * Rejects with the send's own error when the platform refuses it, and with the last unknown outcome when the history
 * cannot be read for good or `MOST_SENDS` sends left no trace.
 */
export async function publishConfirmed(
  publisher: Publisher,
  body: Body,
  options: RequestOptions,
  { after: given, id = globalThis.crypto.randomUUID(), mayBeThere = false }: Confirmation = {},
): Promise<Published> {
  const after = given ?? (await positionOf(publisher, body.dialogId, options.signal));
  const metadata = [...(options.metadata ?? []), { type: 'ExternalId', id }];
  const search = { id, after, signal: options.signal };
  if (mayBeThere) {
    const sequence = await lookup(publisher, body, search, { looks: 1 });
    if (sequence !== undefined) return { sequence, repeated: true };
  }
  for (let sends = 1; ; sends++) {
    try {
      const { sequence } = await publisher.requests.publishEvent(body, { ...options, metadata });
      publisher.ownEvents.claim(body.dialogId, sequence, id);
      return { sequence, repeated: false };
    } catch (error) {
      if (!mayHaveArrived(error) && !wasNotSent(error)) throw error;
      if (mayHaveArrived(error)) {
        const sequence = await lookup(publisher, body, search, { looks: 2, outcome: error });
        if (sequence !== undefined) return { sequence, repeated: false };
      }
      if (sends === MOST_SENDS) throw error;
    }
  }
}

/** The last sequence of a dialog: what was pushed tells, else the history. */
async function positionOf(
  { history, router }: Publisher,
  dialogId: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const pushed = router.lastSequence(dialogId);
  if (pushed !== undefined) return pushed;
  const [last] = await history.newest({ dialogId, count: 1 }, () => true, signal);
  return last?.sequence ?? BEFORE_THE_FIRST;
}

/** Whether a request may have taken effect all the same. */
export function mayHaveArrived(error: unknown): boolean {
  return LpError.isInstance(error) && (error.code === 'OUTCOME_UNKNOWN' || error.code === 'REQUEST_TIMEOUT');
}

function wasNotSent(error: unknown): boolean {
  return LpError.isInstance(error) && (error.code === 'CONNECTION_LOST' || error.code === 'NOT_CONNECTED');
}

/**
 * The event's sequence, or undefined when it is not in the history after so many looks. When the history cannot be read
 * for good, throws `outcome` if there is one. Where the history leaves metadata out, the content tells.
 */
async function lookup(
  { clock, history, lifetime, ownEvents }: Publisher,
  { dialogId, event }: Body,
  { id, after, signal }: { id: string; after: number; signal: AbortSignal | undefined },
  { looks, outcome }: { looks: number; outcome?: unknown },
): Promise<number | undefined> {
  const search = { dialogId, after, id, isSame: (received: unknown) => isContained(event, received) };
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await ownEvents.find(search, history, signal);
      if (found !== undefined || --looks === 0) return found;
      await sleep(clock, SECOND_LOOK_MS, { signal });
    } catch (error) {
      const mayPass = wasNotSent(error) || mayHaveArrived(error) || (LpError.isInstance(error) && error.retryable);
      // The agent's signal was aborted, with whatever it may be.
      if (lifetime.closed.aborted && error === lifetime.closed.reason) throw error;
      if (!mayPass) throw signal?.aborted === true ? error : (outcome ?? error);
      await sleep(clock, pauseAfter(error, attempt, LOOKUP_RETRY), { signal });
    }
  }
}

/** Whether everything of `sent` is in `received`, which may hold more. */
export function isContained(sent: unknown, received: unknown): boolean {
  if (typeof sent !== 'object' || sent === null) return sent === received;
  if (typeof received !== 'object' || received === null) return false;
  return Object.entries(sent).every(
    ([key, value]) => value === undefined || isContained(value, (received as Record<string, unknown>)[key]),
  );
}
