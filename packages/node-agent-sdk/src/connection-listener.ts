import type { Session, SessionEvent } from '@lp/auth';
import { toError } from '@lp/core/internal';
import type { NotificationFrame } from '@lp/transport';
import { type SDKError, toSdkError } from './errors.ts';
import type { Location } from './events.ts';

/** What a connection tells, in the turn in which it happens. None of these may throw. */
export interface ConnectionListener {
  succeeded(location: Location): void;
  /** `final`: nothing more is tried. */
  failed(error: SDKError, location: Location | undefined, final: boolean): void;
  /** There is a session, or another one. */
  identified(session: Session): void;
  opened(): void;
  /** Without a code, the connection is being replaced as planned. */
  lost(code: number | undefined): void;
  /** It has ended for good, without having been open. */
  ended(): void;
  received(frame: NotificationFrame): void;
  warn(message: string): void;
}

/** Tells what a refresh of the session came to, step by step as the old SDK made them. */
export function tellUpkeep({ type, reason, error }: SessionEvent, listener: ConnectionListener): void {
  const relogin = type === 'sessionRenewed' && reason === 'refresh responded with 401';
  const failed = type === 'sessionFailed' && reason?.startsWith('refresh') === true;
  if (!relogin && !failed && type !== 'sessionRefreshed') return;
  listener.succeeded('RefreshSession#Precheck');
  listener.succeeded('RefreshSession#CSDS');
  if (failed) listener.failed(toSdkError(toError(error), 'refresh'), 'RefreshSession#REST', false);
  else listener.succeeded(relogin ? 'RefreshSession#Relogin#WS' : 'RefreshSession#REST');
}
