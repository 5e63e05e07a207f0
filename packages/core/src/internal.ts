// For the sibling packages only: not covered by semantic versioning.
export { diagnosticsChannel } from '#diagnostics';
export { abortable } from './abortable.ts';
export { ladderDelay } from './backoff.ts';
export { BoundedMap } from './bounded-map.ts';
export { Broadcast, type SubscribeOptions } from './broadcast.ts';
export { createChannel, drainedOf, isOpen } from './channel.ts';
export type { Channel, ChannelOptions, Overflow } from './channel-types.ts';
export { checkSignal, isWithin, sleep, timeLeft } from './clock.ts';
export { createDeferred, type Deferred } from './deferred.ts';
export type { DiagnosticsChannel } from './diagnostics-types.ts';
export { readable, thrownError, toError } from './errors.ts';
export { isLoopback } from './hosts.ts';
export { InnerAbort, nativeSignal } from './inner-abort.ts';
export { type ReadableIssues, summarizeIssues } from './issues.ts';
export { joinBytes } from './join-bytes.ts';
export { jsonText, withoutJsonForm } from './json-form.ts';
export { createLimiter, type Limiter } from './limiter.ts';
export { guardLogger } from './logger.ts';
export { codeOf, whyUnreached, whyUntrusted } from './network-errors.ts';
export { firstAbort, onAbort } from './on-abort.ts';
export {
  checkObject,
  checkOptionNames,
  checkStreamOptions,
  editDistance,
  hasMethods,
  meantFlag,
  nearestName,
  type OptionsChecker,
  objectWith,
  optionsChecker,
} from './options-checker.ts';
export {
  type Doubts,
  doubt,
  isBelieved,
  isBusy,
  isPage,
  isPlatformError,
  type Judgement,
  judgeResponse,
  type SeenResponse,
  wordsOf,
} from './platform-response.ts';
export { parseRetryAfter, retryAfterOf } from './retry-after.ts';
export { stackOf } from './stack-of.ts';
