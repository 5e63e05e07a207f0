import type { CloseClass } from './close-codes.ts';
import type { InvalidFrameReason } from './frames.ts';

/** Why a connection is dialled: the first time, again with the same token, or again with a new one. */
export type DialReason = 'first' | 'retry' | 'reauth';

interface Occurrence {
  /** When, in milliseconds since the epoch. */
  readonly at: number;
}

/** A dial begins: the URL is asked for. */
export interface ConnectingEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'connecting';
  /** Counts the dials since the last stable session, from 1. */
  readonly attempt: number;
  /** Why it is dialled. */
  readonly reason: DialReason;
}

/** The first connection is usable. */
export interface ConnectedEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'connected';
  /** The number of the socket, from 1. */
  readonly epoch: number;
  /** Where it leads to; never the path, which holds the token. */
  readonly host: string;
}

/** A usable connection is gone. */
export interface DisconnectedEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'disconnected';
  /** The code of the close frame; 1005 and 1006 stand for none. Absent when this side gave the connection up. */
  readonly closeCode?: number;
  /** What the close code means for the next dial. */
  readonly classification: CloseClass;
  /** False when `closed` follows. */
  readonly willReconnect: boolean;
  /** What ended it, where something failed. */
  readonly error?: Error;
}

/** A wait before the next dial begins. */
export interface ReconnectingEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'reconnecting';
  /** The dial that follows the wait. */
  readonly attempt: number;
  /** How many more waits the policy allows after this one. */
  readonly attemptsLeft: number;
  /** How long the wait is, in milliseconds. */
  readonly delayMs: number;
  /** With which token the next dial is made. */
  readonly reason: DialReason;
  /** What ended the previous dial or connection. */
  readonly error?: Error;
}

/** A connection is usable again. */
export interface ReconnectedEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'reconnected';
  /** The number of the new socket. */
  readonly epoch: number;
  /** Where it leads to; never the path, which holds the token. */
  readonly host: string;
  /** How long there was none, in milliseconds. */
  readonly gapMs: number;
  /** How many dials it took. */
  readonly attempts: number;
}

/** A connection has become usable or was lost. */
export type ConnectionEvent = ConnectedEvent | ReconnectedEvent | DisconnectedEvent;

/** A received frame was left out; its content is nowhere. */
export interface InvalidFrameEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'invalidFrame';
  /** What was wrong with it. */
  readonly reason: InvalidFrameReason;
  /** How long it was. */
  readonly bytes: number;
  /** How many there have been. */
  readonly count: number;
}

/** A stream of `notifications()` is full: its oldest items are dropped until it is read. Told once until it has room again. */
export interface SlowConsumerEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'slowConsumer';
  /** Which stream is full. */
  readonly stream: 'notifications';
  /** How many items it holds. */
  readonly capacity: number;
}

/** An `onNotification` listener threw; the others were called all the same. */
export interface ListenerErrorEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'listenerError';
  /** The type of the notification it was called with. */
  readonly notificationType: string;
  /** What it threw. */
  readonly error: Error;
}

/** The transport has ended; the last event. */
export interface ClosedEvent extends Occurrence {
  /** Tells this event from the others. */
  readonly type: 'closed';
  /** Why, when it was not asked for by `close()`. */
  readonly error?: Error;
}

/** What happens to the connection, by `type`. Safe to log but for `error` of a `listenerError`, which is the application's own. */
export type StatusEvent =
  | ConnectingEvent
  | ConnectedEvent
  | DisconnectedEvent
  | ReconnectingEvent
  | ReconnectedEvent
  | InvalidFrameEvent
  | SlowConsumerEvent
  | ListenerErrorEvent
  | ClosedEvent;
