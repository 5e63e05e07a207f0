import { type BackoffPolicy, backoffDelay, LpError } from '@lp/core';
import { sleep } from '@lp/core/internal';
import type { AgentContext } from './context.ts';
import type { RequestOptions } from './request-options.ts';
import type { RequestBody } from './schemas/index.ts';
import type { MessagingEvent } from './user-form/index.ts';

type Body = RequestBody<'publishEvent'>;

const LOOK_UP_RETRY: BackoffPolicy = { initialMs: 500, factor: 2, maxMs: 30_000, jitter: 'full' };
// A request that timed out may still be under way when the history is read for the first time.
const SECOND_LOOK_MS = 1_000;
const MOST_SENDS = 5;

/**
 * Publishes an event exactly once. It carries an id of its own; when the outcome of a send is not known, the history
 * says whether it arrived, and only then is it sent again. `after` is a sequence the event must be above.
 *
 * Rejects with the send's own error when the platform refuses it, and with the last unknown outcome when the history
 * cannot be read for good or `MOST_SENDS` sends left no trace.
 */
export async function publishConfirmed(
  context: AgentContext,
  body: Body,
  options: RequestOptions,
  after: number,
): Promise<{ sequence: number }> {
  const id = globalThis.crypto.randomUUID();
  const metadata = [...(options.metadata ?? []), { type: 'ExternalId', id }];
  for (let sends = 1; ; sends++) {
    try {
      return await context.requests.publishEvent(body, { ...options, metadata });
    } catch (error) {
      if (!mayHaveArrived(error) && !wasNotSent(error)) throw error;
      if (mayHaveArrived(error)) {
        const sequence = await lookUp(context, body, { id, after, signal: options.signal }, error);
        if (sequence !== undefined) return { sequence };
      }
      if (sends === MOST_SENDS) throw error;
    }
  }
}

function mayHaveArrived(error: unknown): boolean {
  return LpError.isInstance(error) && (error.code === 'OUTCOME_UNKNOWN' || error.code === 'REQUEST_TIMEOUT');
}

function wasNotSent(error: unknown): boolean {
  return LpError.isInstance(error) && (error.code === 'CONNECTION_LOST' || error.code === 'NOT_CONNECTED');
}

interface Search {
  readonly id: string;
  readonly after: number;
  readonly signal: AbortSignal | undefined;
}

/** The event's sequence, or undefined when it is not in the history. Throws `unknown` when the history cannot be read. */
async function lookUp(
  context: AgentContext,
  body: Body,
  search: Search,
  unknown: unknown,
): Promise<number | undefined> {
  const { clock, requests } = context;
  const { signal } = search;
  let looks = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      const query = { dialogId: body.dialogId, newerThanSequence: search.after };
      const found = (await requests.queryMessages(query, { signal })).find((event) => isSame(event, body, search));
      if (found || ++looks === 2) return found?.sequence;
      await sleep(clock, SECOND_LOOK_MS, { signal });
    } catch (error) {
      const mayPass = wasNotSent(error) || mayHaveArrived(error) || (LpError.isInstance(error) && error.retryable);
      if (!mayPass) throw signal?.aborted === true ? error : unknown;
      await sleep(clock, backoffDelay(LOOK_UP_RETRY, attempt), { signal });
    }
  }
}

/** By its id; and where the history leaves metadata out, by being this agent's own with the same content. */
function isSame({ isMe, sequence = -1, metadata, event }: MessagingEvent, body: Body, { id, after }: Search): boolean {
  if (!isMe || sequence <= after) return false;
  const ids = metadata?.filter(({ type }) => type === 'ExternalId') ?? [];
  if (ids.length > 0) return ids.some((entry) => entry['id'] === id);
  return isContained(body.event, event);
}

/** Whether everything of `sent` is in `received`, which may hold more. */
function isContained(sent: unknown, received: unknown): boolean {
  if (typeof sent !== 'object' || sent === null) return sent === received;
  if (typeof received !== 'object' || received === null) return false;
  return Object.entries(sent).every(
    ([key, value]) => value === undefined || isContained(value, (received as Record<string, unknown>)[key]),
  );
}
