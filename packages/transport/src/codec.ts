import type { InvalidFrameReason, NotificationFrame, RequestFrame, ResponseFrame } from './frames.ts';

/** The text of a request. Throws what `JSON.stringify` throws for a body that has no JSON form. */
export function encodeRequest(id: string, frame: RequestFrame): string {
  const { type, body, headers, metadata, encodedMetadata } = frame;
  return JSON.stringify({ kind: 'req', id, type, body, headers, metadata, encodedMetadata });
}

/** The frame in a received text, or why there is none. Never throws; the response holds nothing of an invalid text. */
export function decodeEnvelope(text: string): ResponseFrame | NotificationFrame | InvalidFrameReason {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'notJson';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'notObject';
  const frame = value as { kind?: unknown; type?: unknown; reqId?: unknown };
  if (frame.kind === 'notification') {
    return typeof frame.type === 'string' ? (frame as NotificationFrame) : 'notificationWithoutType';
  }
  if (frame.kind !== 'resp') return 'unknownKind';
  if (typeof frame.reqId === 'number') frame.reqId = String(frame.reqId);
  return typeof frame.reqId === 'string' ? (frame as ResponseFrame) : 'responseWithoutId';
}

/** A response's code as a number; 0 for one that is neither a number nor its text. `OK` is what senders of text use for 200. */
export function statusOf(code: unknown): number {
  if (typeof code === 'number') return code;
  if (code === 'OK') return 200;
  return typeof code === 'string' && /^\d{3}$/.test(code) ? Number(code) : 0;
}

/** How many bytes a text has on the wire. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // A surrogate pair is two units and four bytes, so each half counts as two.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
