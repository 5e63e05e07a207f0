import type { OwnIdentity } from './outgoing.ts';

/** A messaging event in the making: as the platform sends it, then as programs know it. */
export interface EventRecord {
  sequence?: number;
  dialogId?: string;
  originatorId?: string | undefined;
  originatorPId?: string | undefined;
  event?: { type?: string };
  __isMe?: boolean;
  isMe?: () => boolean | undefined;
}

/** Makes of an event what programs know, in place: `originatorId` is the PID, and the event says whether it is one's own. */
export function toLegacyEvent(record: EventRecord, own: OwnIdentity): EventRecord {
  record.__isMe = record.originatorId === own.oldId;
  record.originatorId = record.originatorPId;
  delete record.originatorPId;
  record.isMe = () => record.__isMe;
  return record;
}

/** The PID of this agent where an event of its own shows both of its ids: a login with a bearer does not tell it. */
export function ownPidIn({ originatorId, originatorPId }: EventRecord, { oldId }: OwnIdentity): string | undefined {
  return oldId !== undefined && originatorId === oldId ? originatorPId : undefined;
}
