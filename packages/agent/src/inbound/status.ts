import type { SessionEvent } from '@lp/auth';
import type { Stream, StreamOptions } from '@lp/core';
import { Broadcast } from '@lp/core/internal';
import type { SchemaIssue } from '@lp/schemas';
import type { StatusEvent as TransportStatusEvent } from '@lp/transport';

/** Why a stream read the history. */
export type ResyncCause = 'start' | 'reconnect' | 'jump' | 'overflow' | 'end';

/** The transport's own events are passed on as they are; the others come from the session and the streams. */
export type StatusEvent =
  | TransportStatusEvent
  /** The session was extended; the token is the same. */
  | { readonly type: 'sessionRefreshed'; readonly at: number }
  /** A new login was made; the live socket was kept, the next dial uses the new token. */
  | { readonly type: 'sessionRenewed'; readonly at: number; readonly reason: string }
  /**
   * The session could not be extended (`reason` begins with `refresh`) or made anew; `error` says why. A refresh that is
   * refused is tried again at its regular time, else at once or by the dial that waits for it.
   */
  | { readonly type: 'sessionFailed'; readonly at: number; readonly reason: string; readonly error: Error | undefined }
  /**
   * Another program logs in with the same user: sessions are lost one after the other, soon after their login (`losses`
   * so far). The next login is put off by `waitMs`, longer each time; `error` says what to do.
   */
  | {
      readonly type: 'sessionContested';
      readonly at: number;
      readonly losses: number;
      readonly waitMs: number;
      readonly error: Error | undefined;
    }
  /** A stream's buffer is full: its consumer is slower than the platform. Told once until it has room again. */
  | { readonly type: 'slowConsumer'; readonly at: number; readonly stream: string; readonly dialogId?: string }
  /** A message stream has caught up with the history and is live again; `to` is its position, -1 before the first event. */
  | {
      readonly type: 'resynced';
      readonly at: number;
      readonly dialogId: string;
      readonly cause: ResyncCause;
      readonly from: number;
      readonly to: number;
      readonly queries: number;
    }
  /** Events between these two sequences are lost: the platform has them no longer. */
  | {
      readonly type: 'gap';
      readonly at: number;
      readonly dialogId: string;
      readonly after: number;
      readonly before: number;
    }
  /** The kept position of a dialog is above everything the platform has of it (`last`): it was kept for something else. What comes from now on is handled. */
  | {
      readonly type: 'positionAhead';
      readonly at: number;
      readonly dialogId: string;
      readonly sequence: number;
      readonly last: number;
    }
  /**
   * `body`: items of a notification or a response, of the socket or of the history, could not be read and were left out,
   * the others were delivered; `count` is the sum so far. `field`: fields that nobody needs could not be read and were set aside, the rest was delivered; told
   * once for each place.
   */
  | {
      readonly type: 'invalidFrame';
      readonly at: number;
      readonly reason: 'body' | 'field';
      readonly frameType: string;
      readonly issues: readonly SchemaIssue[];
      readonly count: number;
    }
  /** What the platform was asked for it would not give again after a reconnect, three times in a row; it is not asked again. */
  | {
      readonly type: 'restoreRefused';
      readonly at: number;
      readonly what: string;
      readonly subscriptionId?: string;
      readonly error: Error;
    }
  /**
   * Something could not be restored after a reconnect for now. The connection stays; it is asked for again in `delayMs`.
   * `attempt` counts from 1 on each connection.
   */
  | {
      readonly type: 'restoreDelayed';
      readonly at: number;
      readonly what: string;
      readonly subscriptionId?: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: Error;
    }
  /** An account-wide stream is read that nothing was subscribed for: it stays silent until somebody subscribes. */
  | { readonly type: 'uncovered'; readonly at: number; readonly stream: string }
  /** A message counts as handled although its handler failed: it is not delivered again. `sequence` is -1 for a handler that had none. */
  | {
      readonly type: 'messageSkipped';
      readonly at: number;
      readonly conversationId: string;
      readonly dialogId: string;
      readonly sequence: number;
      readonly error: Error;
      /** How often its handler has failed at it. */
      readonly attempts: number;
    }
  /**
   * `serve` has as many conversations as it may (`full`), comes near the 999 that the platform assigns to a bot user at
   * most (`nearPlatformLimit`, from 900 on), or has room again.
   */
  | {
      readonly type: 'capacity';
      readonly at: number;
      readonly level: 'room' | 'full' | 'nearPlatformLimit';
      readonly conversations: number;
      readonly concurrency: number;
    }
  /** Conversations that `serve` could not give back to their queue (`returnToQueue`) in the time it had: they stay this agent's. */
  | {
      readonly type: 'notGivenBack';
      readonly at: number;
      readonly conversationIds: readonly string[];
      readonly error: Error;
    }
  /** A conversation has got another consumer id, as when a visitor logs in; it goes on as it was. */
  | {
      readonly type: 'consumerChanged';
      readonly at: number;
      readonly conversationId: string;
      readonly from: string;
      readonly to: string;
    }
  /** Code of yours threw: a handler, a listener or a cursor store. Others go on. */
  | {
      readonly type: 'handlerError';
      readonly at: number;
      readonly where: string;
      readonly conversationId?: string;
      readonly error: Error;
    };

/** What the agent tells of an event of its session. */
export function toStatusEvent({ type, at, reason = 'schedule', ...facts }: SessionEvent): StatusEvent {
  switch (type) {
    case 'sessionRefreshed':
      return { type, at };
    case 'sessionRenewed':
      return { type, at, reason };
    case 'sessionContested':
      return { type, at, losses: facts.losses ?? 0, waitMs: facts.waitMs ?? 0, error: facts.error };
    case 'sessionFailed':
      return { type, at, reason, error: facts.error };
  }
}

const STATUS_CAPACITY = 256;

/** What the agent tells of itself, to whoever listens. A listener that does not read loses the oldest events, counted in `stats`. */
export class StatusHub {
  readonly #broadcast = new Broadcast<StatusEvent>();

  publish(event: StatusEvent): void {
    this.#broadcast.publish(event);
  }

  stream(options: StreamOptions = {}): Stream<StatusEvent> {
    return this.#broadcast.subscribe({ capacity: STATUS_CAPACITY, ...options, overflow: 'drop-oldest' });
  }

  end(): void {
    this.#broadcast.end();
  }
}
