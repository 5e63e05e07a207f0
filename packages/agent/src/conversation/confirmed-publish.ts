import { createHash } from 'node:crypto';
import { type BackoffPolicy, backoffDelay, type Clock, LpError } from '@lp/core';
import { sleep } from '@lp/core/internal';
import type { RequestBody } from '@lp/schemas';
import { readHistory } from '../dialog/history.ts';
import type { Router } from '../inbound/router.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { AgentRequests } from '../link/requests.ts';
import type { OwnEvents } from './own-events.ts';

type Body = RequestBody<'publishEvent'>;

const LOOK_UP_RETRY: BackoffPolicy = { initialMs: 500, factor: 2, maxMs: 30_000, jitter: 'full' };
// A request that timed out may still be under way when the history is read for the first time.
const SECOND_LOOK_MS = 1_000;
const MOST_SENDS = 5;
const BEFORE_THE_FIRST = -1;

/** What publishing takes: the requests, and what is known of a dialog's events. */
export interface Publisher {
  readonly requests: Pick<AgentRequests, 'publishEvent' | 'queryMessages'>;
  readonly router: Pick<Router, 'lastSequence'>;
  /** What searches for own events have read of histories. */
  readonly ownEvents: OwnEvents;
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
): Promise<{ sequence: number }> {
  const after = given ?? (await positionOf(publisher, body.dialogId, options.signal));
  const metadata = [...(options.metadata ?? []), { type: 'ExternalId', id }];
  const search = { id, after, signal: options.signal };
  if (mayBeThere) {
    const sequence = await lookUp(publisher, body, search, { looks: 1 });
    if (sequence !== undefined) return { sequence };
  }
  for (let sends = 1; ; sends++) {
    try {
      return await publisher.requests.publishEvent(body, { ...options, metadata });
    } catch (error) {
      if (!mayHaveArrived(error) && !wasNotSent(error)) throw error;
      if (mayHaveArrived(error)) {
        const sequence = await lookUp(publisher, body, search, { looks: 2, outcome: error });
        if (sequence !== undefined) return { sequence };
      }
      if (sends === MOST_SENDS) throw error;
    }
  }
}

/** An id for the answer to a message: the same whenever the same is answered to the same message, in any process. */
export function answerId(
  message: { readonly dialogId: string; readonly sequence: number },
  event: Body['event'],
): string {
  const content = JSON.stringify([message.dialogId, message.sequence, event]);
  return `re-${message.sequence}-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
}

/** The last sequence of a dialog: what was pushed tells, else the history. */
async function positionOf(
  { requests, router }: Publisher,
  dialogId: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const pushed = router.lastSequence(dialogId);
  if (pushed !== undefined) return pushed;
  const query = (after: number) => requests.queryMessages({ dialogId, newerThanSequence: after }, { signal });
  return (await readHistory(query, BEFORE_THE_FIRST)).reduce(
    (last, { sequence = last }) => Math.max(last, sequence),
    BEFORE_THE_FIRST,
  );
}

function mayHaveArrived(error: unknown): boolean {
  return LpError.isInstance(error) && (error.code === 'OUTCOME_UNKNOWN' || error.code === 'REQUEST_TIMEOUT');
}

function wasNotSent(error: unknown): boolean {
  return LpError.isInstance(error) && (error.code === 'CONNECTION_LOST' || error.code === 'NOT_CONNECTED');
}

/**
 * The event's sequence, or undefined when it is not in the history after so many looks. When the history cannot be read
 * for good, throws `outcome` if there is one. Where the history leaves metadata out, the content tells.
 */
async function lookUp(
  { clock, ownEvents, requests }: Publisher,
  { dialogId, event }: Body,
  { id, after, signal }: { id: string; after: number; signal: AbortSignal | undefined },
  { looks, outcome }: { looks: number; outcome?: unknown },
): Promise<number | undefined> {
  const query = (from: number) => requests.queryMessages({ dialogId, newerThanSequence: from }, { signal });
  const search = { dialogId, after, id, isSame: (received: unknown) => isContained(event, received) };
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await ownEvents.find(search, query);
      if (found !== undefined || --looks === 0) return found;
      await sleep(clock, SECOND_LOOK_MS, { signal });
    } catch (error) {
      const mayPass = wasNotSent(error) || mayHaveArrived(error) || (LpError.isInstance(error) && error.retryable);
      if (!mayPass) throw signal?.aborted === true ? error : (outcome ?? error);
      await sleep(clock, backoffDelay(LOOK_UP_RETRY, attempt), { signal });
    }
  }
}

/** Whether everything of `sent` is in `received`, which may hold more. */
function isContained(sent: unknown, received: unknown): boolean {
  if (typeof sent !== 'object' || sent === null) return sent === received;
  if (typeof received !== 'object' || received === null) return false;
  return Object.entries(sent).every(
    ([key, value]) => value === undefined || isContained(value, (received as Record<string, unknown>)[key]),
  );
}
