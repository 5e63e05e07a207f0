// For the sibling packages only: not covered by semantic versioning.
export { diagnosticsChannel } from '#diagnostics';
export { Broadcast, type SubscribeOptions } from './broadcast.ts';
export { createChannel, readOutOf } from './channel.ts';
export type { Channel, ChannelOptions, Overflow } from './channel-types.ts';
export { checkSignal, sleep } from './clock.ts';
export { createDeferred, type Deferred } from './deferred.ts';
export type { DiagnosticsChannel } from './diagnostics-types.ts';
export { toError } from './errors.ts';
export { createLimiter, type Limiter } from './limiter.ts';
export { guardLogger } from './logger.ts';
