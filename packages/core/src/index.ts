// Public API: every name added here is a promise.
export { type BackoffPolicy, backoffDelay } from './backoff.ts';
export { type Clock, type ClockTimer, systemClock } from './clock.ts';
export {
  AuthError,
  ClosedError,
  ConfigError,
  ConnectionLostError,
  DomainLookupError,
  DrainingError,
  FencedError,
  HandlerKilledError,
  InvalidCredentialsError,
  LpError,
  type LpErrorCode,
  type LpErrorOptions,
  NoAnswerError,
  type NoAnswerReason,
  NotConnectedError,
  NotInConversationError,
  OutboxFullError,
  OutcomeUnknownError,
  ProtocolError,
  type RejectionDetails,
  RequestRejectedError,
  RequestTimeoutError,
  type SafeContext,
  type SafeValue,
  SessionExpiredError,
  SlowConsumerError,
} from './errors.ts';
export {
  type FieldsFirstLogger,
  fieldsFirst,
  type Logger,
  type LoggerOption,
  type LogLevel,
  type LogMethod,
  silentLogger,
  withLogLevel,
} from './logger.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
export { Secret } from './secret.ts';
export type { Stream, StreamOptions, StreamStats } from './stream.ts';
