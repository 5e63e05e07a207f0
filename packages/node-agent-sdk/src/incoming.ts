import { toError } from '@lp/core/internal';
import type { NotificationFrame } from '@lp/transport';
import {
  type ConversationChangeRecord,
  ownPidIn as ownPidInConversation,
  toLegacyConversationChange,
} from './conversations.ts';
import { TransformError } from './errors.ts';
import { type EventRecord, ownPidIn, toLegacyEvent } from './messages.ts';
import type { OwnIdentity } from './outgoing.ts';
import {
  type AgentStateChangeRecord,
  type RoutingChangeRecord,
  toLegacyAgentState,
  toLegacyRoutingChange,
} from './routing.ts';

/** What reading a frame needs to know, and whom it tells. */
export interface Reader {
  readonly own: OwnIdentity;
  warn(message: string): void;
  /** A part of a frame could not be read and is left out. */
  unreadable(error: TransformError): void;
  /** The PID of this agent was found. */
  learn(pid: string): void;
}

/** The notification of messages, as programs know it. */
export const MESSAGES = 'ms.MessagingEventNotification';
/** The notification of conversations, as programs know it. */
export const CONVERSATIONS = 'cqm.ExConversationChangeNotification';

/** Makes of a notification what programs know, in place. False when nothing of it can be read. */
export function readNotification(frame: NotificationFrame, reader: Reader): boolean {
  switch (frame.type) {
    case '.ams.ms.OnlineEventDistribution':
      return readMessage(frame, reader);
    case '.ams.aam.ExConversationChangeNotification':
      return readChanges<ConversationChangeRecord>(frame, CONVERSATIONS, reader, (change) => {
        if (reader.own.agentId === undefined) learn(ownPidInConversation(change, reader.own), reader);
        toLegacyConversationChange(change, reader.own, (message) => reader.warn(message));
      });
    case '.ams.routing.RoutingTaskNotification':
      return readChanges<RoutingChangeRecord>(frame, 'routing.RoutingTaskNotification', reader, toLegacyRoutingChange);
    case '.ams.routing.AgentStateNotification':
      return readChanges<AgentStateChangeRecord>(frame, 'routing.AgentStateNotification', reader, toLegacyAgentState);
    case '.ams.routing.RingUpdated':
      frame.type = 'deprecated';
      delete frame.body;
      return true;
    default:
      return true;
  }
}

/** An event as programs know it; it may tell who this agent is. */
export function readEvent(record: EventRecord, reader: Reader): EventRecord {
  if (reader.own.agentId === undefined) learn(ownPidIn(record, reader.own), reader);
  return toLegacyEvent(record, reader.own);
}

function readMessage(frame: NotificationFrame, reader: Reader): boolean {
  const record = frame.body as EventRecord;
  frame.type = MESSAGES;
  try {
    frame.body = { dialogId: record.dialogId, changes: [readEvent(record, reader)] };
    return true;
  } catch (error) {
    reader.unreadable(new TransformError(toError(error), frame));
    return false;
  }
}

/** Reads change by change; one that cannot be read is left out and told. */
function readChanges<C>(frame: NotificationFrame, type: string, reader: Reader, read: (change: C) => void): boolean {
  const body = frame.body as { changes: C[] } | undefined;
  frame.type = type;
  // Made when it is needed: nearly every notification is read whole.
  let bad: Set<C> | undefined;
  try {
    for (const change of (body as { changes: C[] }).changes) {
      try {
        read(change);
      } catch (error) {
        (bad ??= new Set()).add(change);
        const payload = { ...frame, body: { ...body, changes: [change] } };
        reader.unreadable(new TransformError(toError(error), payload));
      }
    }
  } catch (error) {
    reader.unreadable(new TransformError(toError(error), frame));
    return false;
  }
  const unread = bad;
  if (!body || !unread) return true;
  body.changes = body.changes.filter((change) => !unread.has(change));
  return body.changes.length > 0;
}

function learn(pid: string | undefined, reader: Reader): void {
  if (pid !== undefined) reader.learn(pid);
}
