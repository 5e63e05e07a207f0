// Over 300 lines: one tree of errors, so that what tells them apart can be read in one place.
/**
 * The error tree of all @lp packages.
 *
 * An error carries a stable `code`, says whether trying again can help, and holds only facts that are safe to log:
 * types, ids, codes, hosts, attempt numbers. Never a token, a URL with one, a password, a body or message text.
 */

import { factsOf } from './facts-of.ts';
import { isBusy } from './platform-response.ts';

const BRAND: unique symbol = Symbol.for('@lp/error') as never;

/** Every `code` an error of these packages can carry. Stable under semver; see docs/errors.md. */
export type LpErrorCode =
  | 'CONFIG_INVALID'
  | 'NOT_CONNECTED'
  | 'CONNECTION_LOST'
  | 'OUTCOME_UNKNOWN'
  | 'REQUEST_TIMEOUT'
  | 'REQUEST_REJECTED'
  | 'CLOSED'
  | 'DRAINING'
  | 'SLOW_CONSUMER'
  | 'OUTBOX_FULL'
  | 'PROTOCOL_VIOLATION'
  | 'AUTH_FAILED'
  | 'CREDENTIALS_INVALID'
  | 'SESSION_EXPIRED'
  | 'DOMAIN_LOOKUP_FAILED'
  | 'FENCED'
  | 'NOT_IN_CONVERSATION'
  | 'NO_ANSWER'
  | 'HANDLER_KILLED';

/** A fact that may be logged as it is. */
export type SafeValue = string | number | boolean | undefined | readonly (string | number)[];

/** Safe facts about an error or a log line, by name. */
export type SafeContext = Readonly<Record<string, SafeValue>>;

/** What an error's constructor takes besides its message. */
export interface LpErrorOptions {
  /** The error that led to this one. */
  cause?: unknown;
  /** Facts that are safe to log. */
  context?: SafeContext;
  /** Whether the same call may succeed later; the class decides when this is left out. */
  retryable?: boolean;
}

/** Base class of every error these packages reject or throw with, aborted calls excepted (those use `signal.reason`). */
export abstract class LpError extends Error {
  static readonly errorName: string = 'LpError';

  /** Stable, for programs. */
  abstract readonly code: LpErrorCode;
  /** True when the same call may succeed later without a change on your side. */
  readonly retryable: boolean;
  /** Facts that are safe to log. */
  readonly context: SafeContext;

  constructor(message: string, options: LpErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    const constructor = new.target as typeof LpError;
    this.retryable = options.retryable ?? false;
    this.context = options.context ?? {};
    Object.defineProperty(this, 'name', { value: constructor.errorName, configurable: true, writable: true });
    Object.defineProperty(this, BRAND, { value: brandsOf(constructor) });
  }

  /** True for an error of this class, or a class below it, from any copy of these packages in the process. */
  static isInstance<C extends abstract new (...parameters: never[]) => unknown>(
    this: C,
    value: unknown,
  ): value is InstanceType<C> {
    return hasBrand(this as unknown as typeof LpError, value);
  }

  /** Makes `instanceof` work across copies of the package, as {@link LpError.isInstance} does. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(this as unknown as typeof LpError, value);
  }

  /** What a log may hold of this error: no stack, no cause. */
  toJSON(): { name: string; code: LpErrorCode; message: string; retryable: boolean; context: SafeContext } {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      context: this.context,
    };
  }
}

function brandsOf(constructor: typeof LpError): readonly string[] {
  const names: string[] = [];
  for (let c: unknown = constructor; typeof c === 'function'; c = Object.getPrototypeOf(c)) {
    if (Object.hasOwn(c, 'errorName')) names.push((c as typeof LpError).errorName);
  }
  return names;
}

function hasBrand(constructor: typeof LpError, value: unknown): boolean {
  try {
    return mayHaveBrand(constructor, value);
  } catch {
    // A revoked proxy, or one that throws.
    return false;
  }
}

function mayHaveBrand(constructor: typeof LpError, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  // A user's subclass without a name of its own is known by its prototype only.
  if (!Object.hasOwn(constructor, 'errorName'))
    return Object.prototype.isPrototypeOf.call(constructor.prototype, value);
  const brands = (value as { [BRAND]?: unknown })[BRAND];
  return Array.isArray(brands) && brands.includes(constructor.errorName);
}

/** An option is missing, unknown or out of range. The message names the option and what is allowed, never its value. */
export class ConfigError extends LpError {
  static override readonly errorName: string = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
}

/** There is no connection: it was never made, could not be made, or waiting for it is not allowed here. */
export class NotConnectedError extends LpError {
  static override readonly errorName: string = 'NotConnectedError';
  readonly code = 'NOT_CONNECTED';
  constructor(message: string, options: LpErrorOptions = {}) {
    super(message, { retryable: true, ...options });
  }
}

/** The connection was lost before the request was written: the server has not seen it, sending again is safe. */
export class ConnectionLostError extends LpError {
  static override readonly errorName: string = 'ConnectionLostError';
  readonly code = 'CONNECTION_LOST';
  /** Always false: the request was not written. */
  readonly sent = false;
  constructor(message: string, options: LpErrorOptions = {}) {
    super(message, { retryable: true, ...options });
  }
}

/** The connection was lost after the request was written and before its response: it may or may not have taken effect. */
export class OutcomeUnknownError extends LpError {
  static override readonly errorName: string = 'OutcomeUnknownError';
  readonly code = 'OUTCOME_UNKNOWN';
  /** Always true: the request was written. */
  readonly sent = true;
}

/** No response came within the request's time. The request was written, so it may have taken effect. */
export class RequestTimeoutError extends LpError {
  static override readonly errorName: string = 'RequestTimeoutError';
  readonly code = 'REQUEST_TIMEOUT';
}

/** This agent has handed the conversation off and takes no part in it any more: nothing was sent. */
export class NotInConversationError extends LpError {
  static override readonly errorName: string = 'NotInConversationError';
  readonly code = 'NOT_IN_CONVERSATION';
}

/** What {@link RequestRejectedError} is made from. */
export interface RejectionDetails {
  /** The response's code, neither 200 nor 202; 0 when the server sent none that is a number. */
  status: number;
  /** The request's type name. */
  type: string;
  /** The response's body, as received. */
  body?: unknown;
  /** What to do about it, when the server's text is a known one. */
  hint?: string;
}

/** The server said no. */
export class RequestRejectedError extends LpError {
  static override readonly errorName: string = 'RequestRejectedError';
  readonly code = 'REQUEST_REJECTED';
  /** The status that the platform responded with. */
  readonly status: number;
  /** The request that was refused, such as `ms.PublishEvent` or `PUT swift`. */
  readonly type: string;
  readonly #body: unknown;
  readonly #hint: string | undefined;

  constructor(details: RejectionDetails, options: LpErrorOptions = {}) {
    const { conversationId } = options.context ?? {};
    const where = conversationId === undefined ? '' : ` (conversation ${String(conversationId)})`;
    const hint = details.hint === undefined ? '' : `: ${details.hint}`;
    super(`the server rejected ${details.type} with ${details.status}${where}${hint}`, {
      retryable: isBusy(details.status),
      ...options,
      context: {
        /** The status that the platform responded with: 400 and above. */
        status: details.status,
        /** The request that was refused, such as `ms.PublishEvent` or `PUT swift`. */
        type: details.type,
        ...options.context,
      },
    });
    this.status = details.status;
    this.type = details.type;
    this.#body = details.body;
    this.#hint = details.hint;
  }

  /** The server's own response. Read by name only, so that it is never printed with the error: it may quote what was sent. */
  get body(): unknown {
    return this.#body;
  }

  /** What to do about it, as the message has it too; undefined when the server's text is no known one. */
  get hint(): string | undefined {
    return this.#hint;
  }
}

/** The client was closed; make a new one. */
export class ClosedError extends LpError {
  static override readonly errorName: string = 'ClosedError';
  readonly code = 'CLOSED';
}

/** The client is draining: work in flight is finished, new work is refused. */
export class DrainingError extends LpError {
  static override readonly errorName: string = 'DrainingError';
  readonly code = 'DRAINING';
}

/** A stream whose overflow policy is `fail` was not read fast enough. */
export class SlowConsumerError extends LpError {
  static override readonly errorName: string = 'SlowConsumerError';
  readonly code = 'SLOW_CONSUMER';
}

/** The bounded queue for requests made while not connected is full. */
export class OutboxFullError extends LpError {
  static override readonly errorName: string = 'OutboxFullError';
  readonly code = 'OUTBOX_FULL';
  constructor(message: string, options: LpErrorOptions = {}) {
    super(message, { retryable: true, ...options });
  }
}

/** The other side sent something that cannot be what it should be. Holds paths and expected types, never values. */
export class ProtocolError extends LpError {
  static override readonly errorName: string = 'ProtocolError';
  readonly code = 'PROTOCOL_VIOLATION';
}

/** Logging in, or staying logged in, failed. */
export class AuthError extends LpError {
  static override readonly errorName: string = 'AuthError';
  readonly code: LpErrorCode = 'AUTH_FAILED';
}

/** The platform refused the credentials. Trying again with the same ones cannot help. */
export class InvalidCredentialsError extends AuthError {
  static override readonly errorName: string = 'InvalidCredentialsError';
  override readonly code = 'CREDENTIALS_INVALID';
}

/** The session's token is no longer valid and could not be renewed. */
export class SessionExpiredError extends AuthError {
  static override readonly errorName: string = 'SessionExpiredError';
  override readonly code = 'SESSION_EXPIRED';
}

/** The hosts of the account's services could not be looked up. */
export class DomainLookupError extends LpError {
  static override readonly errorName: string = 'DomainLookupError';
  readonly code = 'DOMAIN_LOOKUP_FAILED';
}

/**
 * Somebody else has taken over what this process kept: what it would write is out of date and must not land. Whoever gets
 * this stops its work; trying again cannot help.
 */
export class FencedError extends LpError {
  static override readonly errorName: string = 'FencedError';
  readonly code = 'FENCED';
}

/** The given value as an Error: itself when it is one that can be read, else an Error that names its kind and not its content. */
export function toError(value: unknown): Error {
  if (isError(value)) return readableError(value);
  return new Error(`something that is not an Error was thrown: ${value === null ? 'null' : typeof value}`);
}

/**
 * As {@link toError}, for what the code of the application threw: with the text, the object's `message`, or the facts of a
 * plain object, that it chose.
 */
export function thrownError(value: unknown): Error {
  if (isError(value)) return readableError(value);
  const text = typeof value === 'string' ? value : textOf(value, 'message');
  if (text !== undefined) return new Error(text);
  const facts = factsOf(value);
  return facts === undefined ? toError(value) : new Error(`something that is not an Error was thrown: ${facts}`);
}

const READ = ['name', 'message', 'stack', 'code', 'context', 'retryable', 'cause'] as const;

/** What was thrown, as it is; where a field of it throws when it is read, an Error in its place. */
export function readable(value: unknown): unknown {
  try {
    if (Object(value) === value) for (const field of READ) Reflect.get(value as object, field);
    return value;
  } catch {
    return isError(value) ? readableError(value, true) : toError(value);
  }
}

function isError(value: unknown): value is Error {
  try {
    // Errors of another realm are not `instanceof Error` here.
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}

/** The error itself, or one made of the fields that can be read: a getter may throw, and a field hold anything. With `hides` another field does. */
function readableError(error: Error, hides = false): Error {
  const [name, message, stack] = [textOf(error, 'name'), textOf(error, 'message'), textOf(error, 'stack')];
  if (!hides && name !== undefined && message !== undefined && stack !== undefined) return error;
  const made = new Error(message ?? 'an Error was thrown whose message cannot be read');
  if (name !== undefined) Object.defineProperty(made, 'name', { value: name });
  if (stack !== undefined) Object.defineProperty(made, 'stack', { value: stack });
  return made;
}

function textOf(value: unknown, field: 'name' | 'message' | 'stack'): string | undefined {
  try {
    const text = (value as Partial<Error> | null | undefined)?.[field];
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Why a question got no answer. */
export type NoAnswerReason = 'timeout' | 'attempts' | 'escaped' | 'ended' | 'left' | 'stopping';

/** A question got no answer that counts; `reason` says why. */
export class NoAnswerError extends LpError {
  static override readonly errorName: string = 'NoAnswerError';
  readonly code = 'NO_ANSWER';
  /** Why there is no answer: `timeout`, `attempts`, `escaped`, `ended`, `left` or `stopping`. */
  readonly reason: NoAnswerReason;
  constructor(
    message: string,
    {
      reason,
      ...options
    }: LpErrorOptions & {
      /** Why there is no answer: `timeout`, `attempts`, `escaped`, `ended`, `left` or `stopping`. */
      reason: NoAnswerReason;
    },
  ) {
    super(message, options);
    this.reason = reason;
  }
}

/** The process has ended again and again while it handled one message; `attempts` says how often. */
export class HandlerKilledError extends LpError {
  static override readonly errorName: string = 'HandlerKilledError';
  readonly code = 'HANDLER_KILLED';
  /** How often the message was begun and the process ended before it was handled. */
  readonly attempts: number;

  constructor(
    message: string,
    {
      attempts,
      ...options
    }: LpErrorOptions & {
      /** How often the message was begun and the process ended before it was handled. */
      attempts: number;
    },
  ) {
    super(message, options);
    this.attempts = attempts;
  }
}
