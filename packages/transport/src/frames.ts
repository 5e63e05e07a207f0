/** A request, as the caller gives it; the transport adds `kind` and `id`. Absent parts stay absent on the wire. */
export interface RequestFrame {
  /** The wire name of the request. */
  readonly type: string;
  readonly body?: unknown;
  readonly headers?: unknown;
  readonly metadata?: unknown;
  readonly encodedMetadata?: string | undefined;
}

/** A response, with every field the server sent. */
export interface ResponseFrame {
  kind: 'resp';
  /** Always text, also where the server sent a number. */
  reqId: string;
  /** As received: servers send numbers, and some text. */
  code: number | string | undefined;
  type: string;
  body?: unknown;
  [key: string]: unknown;
}

/** A notification, with every field the server sent. */
export interface NotificationFrame {
  kind: 'notification';
  type: string;
  body?: unknown;
  [key: string]: unknown;
}

/** Why a received frame was left out. */
export type InvalidFrameReason =
  | 'binary'
  | 'notJson'
  | 'notObject'
  | 'unknownKind'
  | 'responseWithoutId'
  | 'notificationWithoutType'
  | 'tooLarge';
