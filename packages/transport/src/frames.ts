/** A request, as the caller gives it; the transport adds `kind` and `id`. Absent parts stay absent on the wire. */
export interface RequestFrame {
  /** The wire name of the request. */
  readonly type: string;
  /** What is asked for; the form belongs to the type. */
  readonly body?: unknown;
  /** Beside the body; few requests know any. */
  readonly headers?: unknown;
  /** Metadata of what is sent, beside the body. */
  readonly metadata?: unknown;
  /** Metadata as base64, beside the body. */
  readonly encodedMetadata?: string | undefined;
}

/** A response, with every field the server sent. */
export interface ResponseFrame {
  /** Tells a response from a notification. */
  kind: 'resp';
  /** Always text, also where the server sent a number. */
  reqId: string;
  /** As received: servers send numbers, and some text. */
  code: number | string | undefined;
  /** Its wire name, that of the request as a rule with another end. */
  type: string;
  /** What came back, as the server sent it; with an error code often a text. */
  body?: unknown;
  [key: string]: unknown;
}

/** A notification, with every field the server sent. */
export interface NotificationFrame {
  /** Tells a notification from a response. */
  kind: 'notification';
  /** Its wire name, as in `ms.MessagingEventNotification`. */
  type: string;
  /** What it tells, as the server sent it. */
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
