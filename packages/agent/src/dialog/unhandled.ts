import { type BackoffPolicy, backoffDelay } from '@lp/core';
import { type Limiter, sleep, timeLeft } from '@lp/core/internal';
import { Position } from '../cursors/position.ts';
import { isFenced, type Positions } from '../cursors/positions.ts';
import { isContent } from '../inbound/content.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { Router } from '../inbound/router.ts';
import type { Backlog, BacklogOptions, BacklogReader } from './backlog.ts';
import type { AgentDialogPort } from './dialog-port.ts';
import type { HistoryPage, StreamStart } from './dialog-types.ts';
import { BEFORE_THE_FIRST } from './history.ts';

// A store that has just failed mostly works a moment later; one that does not must not make a dialog deaf.
const LOAD_RETRY: BackoffPolicy = { initialMs: 250, factor: 2, maxMs: 1_000, jitter: 'full' };
const LOAD_PATIENCE_MS = 3_000;

/** What finding a bot's place in a dialog needs. */
export interface UnhandledParts {
  readonly dialogs: AgentDialogPort;
  readonly positions: Positions;
  readonly backfills: Limiter;
  readonly router: Pick<Router, 'lastSequence'>;
  readonly report: Reporter;
}

/** Which dialog, and what counts as handled there. */
export interface UnhandledQuery {
  readonly dialogId: string;
  readonly conversationId: string;
  readonly capacity: number;
  readonly answered: 'skip' | 'keep';
}

/** One try to read: what it reads with, that a page was read, and that it is given up. */
export interface BacklogTry extends Pick<BacklogOptions, 'onPage' | 'signal'> {
  readonly backlogs: BacklogReader;
}

/** A bot's place in a dialog, and what the history holds behind it. */
export interface Unhandled {
  readonly position: Position;
  readonly start: StreamStart<MessagingEvent>;
  /** What this agent has said behind it. */
  readonly own: readonly MessagingEvent[];
  /** What this agent has marked READ behind it. */
  readonly read: ReadonlySet<number>;
  /** Whether this was handled before; undefined when nothing behind it was: by the record, by a READ mark where there is none, or answered by another agent. */
  readonly isHandled: ((event: MessagingEvent) => boolean) | undefined;
}

/** Finds where a bot goes on in a dialog. */
export async function findUnhandled(
  parts: UnhandledParts,
  query: UnhandledQuery,
  { backlogs, onPage, signal }: BacklogTry,
): Promise<Unhandled> {
  const position = await openPosition(parts, query, signal);
  const { dialogs, backfills } = parts;
  // From the last handled message on: if that is not there, the place is not one of this dialog.
  const after = Math.max(BEFORE_THE_FIRST, position.sequence - 1);
  const read = (from: number) => {
    const { capacity, dialogId } = query;
    return backlogs.read(
      { dialogId, after: from },
      { capacity, signal, onPage, known: () => parts.router.lastSequence(dialogId) },
    );
  };
  // One turn for all pages: were they to queue up one by one, the first pages of all dialogs would wait for their second.
  let backlog = await backfills.run(() => read(after), signal);
  await letOthersAsk(backfills);
  // A replica that lags behind has caught up by then, or its response is the truth.
  for (const delayMs of [250, 1_000]) {
    if (position.sequence <= backlog.last) break;
    await sleep(dialogs.clock, delayMs, { signal });
    backlog = await backfills.run(() => read(after), signal);
  }
  if (position.sequence > backlog.last) {
    backlog = await backfills.run(() => read(BEFORE_THE_FIRST), signal);
    tellAhead(parts.report, query, position, backlog.last);
    position.resetTo(backlog.last);
  }
  return {
    position,
    own: backlog.own,
    read: backlog.read,
    start: startBehind(position, backlog),
    isHandled: handledBy(position, backlog, query),
  };
}

/** What was missed above `after` while there was no connection, and up to where another agent has answered it meanwhile. */
export async function readMissed(
  { capacity, dialogId }: Pick<UnhandledQuery, 'capacity' | 'dialogId'>,
  after: number,
  { backlogs, onPage, signal }: BacklogTry,
): Promise<{ page: HistoryPage<MessagingEvent>; answered: number }> {
  const options = { capacity, signal, onPage, known: () => undefined };
  const { answered, complete, events } = await backlogs.read({ dialogId, after }, options);
  return { page: { events, complete: complete ? true : undefined }, answered };
}

// Kept from the start: fake timers replace the global one. A page has none, and goes on at once.
const { setImmediate: afterWrites } = globalThis as { setImmediate?: typeof setImmediate };

/**
 * Where histories queue up, lets the query of the next one leave first. What is asked is written when the event loop has
 * gone round: else the platform would have nothing to do while a history is answered here, and this process nothing while
 * the next ones are read there.
 */
async function letOthersAsk({ waiting }: Limiter): Promise<void> {
  if (waiting > 0 && afterWrites) await new Promise<void>((resolve) => void afterWrites(resolve));
}

async function openPosition(
  { dialogs: { clock }, positions, report }: UnhandledParts,
  { dialogId, conversationId }: UnhandledQuery,
  signal: AbortSignal,
): Promise<Position> {
  let failedAt: number | undefined;
  for (let tries = 1; ; tries++) {
    try {
      return new Position(positions, dialogId, await positions.load(dialogId));
    } catch (error) {
      if (isFenced(error)) throw error;
      if (failedAt === undefined) report.handlerError('cursors.get', error, conversationId);
      failedAt ??= clock.now();
      const delayMs = backoffDelay(LOAD_RETRY, tries);
      // Better by the READ marks of the history than not at all.
      if (timeLeft(failedAt, LOAD_PATIENCE_MS, clock.now()) <= delayMs) {
        return new Position(positions, dialogId, undefined, { unread: true });
      }
      await sleep(clock, delayMs, { signal });
    }
  }
}

function startBehind({ sequence }: Position, { complete, events }: Backlog): StreamStart<MessagingEvent> {
  const behind = events.filter((event) => (event.sequence ?? BEFORE_THE_FIRST) > sequence);
  return {
    kind: 'after',
    sequence,
    page: { events: behind, complete: complete ? true : undefined },
  };
}

function handledBy(position: Position, backlog: Backlog, { answered }: UnhandledQuery): Unhandled['isHandled'] {
  const read = position.known || backlog.read.size === 0 ? undefined : backlog.read;
  if (read === undefined && !position.hasAhead && (answered === 'keep' || backlog.answered < 0)) return undefined;
  const upTo = answered === 'skip' ? backlog.answered : BEFORE_THE_FIRST;
  return ({ event, sequence }) =>
    sequence !== undefined &&
    isContent(event) &&
    (sequence <= upTo || read?.has(sequence) === true || position.isHandled(sequence));
}

/** A place above everything the platform has, as a store of another environment holds it. */
function tellAhead(report: Reporter, { dialogId }: UnhandledQuery, { sequence }: Position, last: number): void {
  report.logger.error('the kept position is above everything the platform has, what comes now is handled', {
    dialogId,
    sequence,
    last,
  });
  report.status({ type: 'positionAhead', dialogId, sequence, last });
}
