import { ConfigError } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import { AVAILABILITIES, type RequestBody, ROLES, type Role } from '@lp/schemas';
import type { Conversation } from '../conversation/conversation.ts';
import type { Message } from '../conversation/message.ts';
import type { Ring } from './ring.ts';

/** What an agent is open to: `ONLINE` gets rings, `OCCUPIED` transfers only, the others nothing. */
export type Availability = RequestBody<'setAgentState'>['availability'];

/**
 * Handles one conversation; its loop ends when the conversation has ended or has left this agent. One that returns before
 * is done with the conversation all the same: it is not run again for what is said there later, until the conversation has
 * left and come back, a dialog is opened in it, or it is served anew. That is logged at `debug`.
 */
export type ConversationHandler = (conversation: Conversation) => Promise<void>;

/** A handler that ended with an error. */
export interface Failure {
  /** What was thrown. */
  readonly error: unknown;
  /**
   * Whether the same may succeed later: what an `LpError` says of itself, and true of everything else. Also true when it
   * is not known whether something was sent (`OUTCOME_UNKNOWN`, `REQUEST_TIMEOUT`): a reply that was sent is found, and
   * not repeated.
   */
  readonly retryable: boolean;
  /** How often the handler has failed at this message, from 1. */
  readonly attempt: number;
  /** The conversation whose handler failed. */
  readonly conversation: Conversation;
  /** The message it worked on; undefined when it had none, before its loop or in one that watches only. */
  readonly message: Message | undefined;
}

/**
 * What becomes of a failure. `retry`: the handler runs again after a pause (1 s doubling to 60 s, full jitter; what the
 * platform asks for after 429 and 5xx), from the same message. `skip`: the message counts as handled, status `messageSkipped` tells, and the handler runs again at once
 * with the next; where it had no message, when the next one comes. `stop`: `serve` drains and rejects with the error.
 */
export type Decision = 'retry' | 'skip' | 'stop';

/** How conversations are taken and given back. */
export interface ServeOptions {
  /** Stops serving: rings are no longer accepted, handlers get what they have still to read, then their streams end. */
  signal?: AbortSignal | undefined;
  /**
   * How many conversations are handled at once; further rings are rejected, so that other agents get them. Default 250,
   * which the platform recommends for a bot user; it enforces 999. Status `capacity` tells when the limit is near.
   */
  concurrency?: number | undefined;
  /** Only rings of these skills are accepted; others are rejected. Default: all. */
  skillIds?: readonly string[] | undefined;
  /** Decides on each ring that the options above let through. Default: accept. When it throws, the ring is left to expire. */
  acceptRing?: ((ring: Ring) => boolean | Promise<boolean>) | undefined;
  /** The roles whose conversations are handled; default `ASSIGNED_AGENT` only. */
  roles?: readonly Role[] | undefined;
  /**
   * Set while `concurrency` is reached, and `ONLINE` again after; asked for again, slower and slower, while its failure may
   * pass. Default: the state is left alone.
   */
  availabilityWhenFull?: Availability | undefined;
  /**
   * Decides what becomes of a handler's failure. Default: `retry` when it is retryable, or the platform refused something
   * before there was a message, and `maxAttempts` are not used up; else `skip`. When it throws, or gives something else, the message is skipped, with that as the cause: TypeScript
   * widens the only text that an async function returns, so that it is checked when it is given.
   */
  onError?: ((failure: Failure) => Decision | Promise<Decision> | Promise<string>) | undefined;
  /**
   * How often a handler may fail at one message before the message is skipped, when `onError` does not decide; default 5.
   * What is the platform's trouble does not count: a 429 or 5xx, for two hours at one message, and a connection that is
   * missing or was lost before anything was sent.
   */
  maxAttempts?: number | undefined;
  /**
   * How long handlers may take to finish when serving stops, in milliseconds; default 30,000. One that is at work even then
   * is cut off: what it does in its conversation is refused with a DrainingError, and its message comes again.
   */
  drainTimeoutMs?: number | undefined;
  /**
   * Gives the conversations back to the queue when serving stops, a few at a time, and again what was refused for now, until
   * 5 seconds after `drainTimeoutMs` at the latest. Status `notGivenBack` tells of those that stayed. Default false.
   */
  returnToQueue?: boolean | undefined;
  /**
   * How often the platform is asked which conversations have changed lately, in milliseconds; default 60,000.
   * `false` = never. A notification that got lost on a connection that lives is found out this way, at three requests each time. Every
   * third time it also asks what became of conversations that it holds and was told nothing of since the time before: two
   * requests for each of up to eight, or two for all and for each of those that are no longer there. One that has ended or
   * has left is so found within four intervals.
   */
  auditIntervalMs?: number | false | undefined;
  /** Set when serving stops, before handlers are waited for; tried for 3 seconds at most. Default: the state is left alone. */
  availabilityAfter?: Availability | undefined;
}

/** The options with every default filled in. */
export type ServeSettings = ServeOptions &
  Required<Pick<ServeOptions, 'concurrency' | 'maxAttempts' | 'drainTimeoutMs' | 'auditIntervalMs'>> & {
    readonly concurrency: number;
    readonly maxAttempts: number;
    readonly drainTimeoutMs: number;
    readonly auditIntervalMs: number | false;
    readonly roles: readonly Role[];
  };

/** @throws ConfigError that names the option and what is allowed there. */
export function resolveServeOptions(handler: unknown, options: ServeOptions): ServeSettings {
  if (typeof handler !== 'function') throw new ConfigError('serve: the handler must be a function');
  const check = optionsChecker(options, 'serve');
  check.some(['concurrency', 'maxAttempts'], 'a whole number of at least 1, or Infinity', isCount);
  check.durations(['drainTimeoutMs'], { zero: true });
  check.durations(['auditIntervalMs'], { orFalse: true });
  check.lists(['skillIds']);
  check.lists(['roles'], { values: ROLES, filled: true });
  check.oneOf('availabilityWhenFull', AVAILABILITIES);
  check.oneOf('availabilityAfter', AVAILABILITIES);
  check.booleans(['returnToQueue']);
  check.functions(['acceptRing', 'onError']);
  check.signals(['signal']);
  check.nothingElse();
  return {
    ...options,
    concurrency: options.concurrency ?? 250,
    maxAttempts: options.maxAttempts ?? 5,
    drainTimeoutMs: options.drainTimeoutMs ?? 30_000,
    auditIntervalMs: options.auditIntervalMs ?? 60_000,
    roles: options.roles ?? (['ASSIGNED_AGENT'] as const),
  };
}

function isCount(value: unknown): boolean {
  return value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 1);
}
