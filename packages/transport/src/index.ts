// Public API: every name added here is a promise.
export type {
  Clock,
  ClockTimer,
  Logger,
  LoggerOption,
  LogMethod,
  RejectionDetails,
  SafeContext,
  SafeValue,
  Stream,
  StreamOptions,
  StreamStats,
} from '@lp/core';
export { type CloseClass, classifyClose } from './close-codes.ts';
export { createTransport } from './create-transport.ts';
export type { InvalidFrameReason, NotificationFrame, RequestFrame, ResponseFrame } from './frames.ts';
export type {
  KeepAliveOptions,
  PreparingConnection,
  ReconnectPolicy,
  TlsOptions,
  TransportOptions,
  UrlAttempt,
} from './options.ts';
export type {
  ClosedEvent,
  ConnectedEvent,
  ConnectingEvent,
  ConnectionEvent,
  DialReason,
  DisconnectedEvent,
  InvalidFrameEvent,
  ListenerErrorEvent,
  ReconnectedEvent,
  ReconnectingEvent,
  SlowConsumerEvent,
  StatusEvent,
} from './status.ts';
export type { ConnectionState, RequestOptions, Transport, TransportStats } from './transport-types.ts';
export type { WriteGate } from './write-gate.ts';
