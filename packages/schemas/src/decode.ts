import type * as z from 'zod';
import { isValid } from './checks.ts';
import { consumerRequestRegistry } from './consumer-registry.ts';
import type { SchemaIssue } from './issues.ts';
import { parseJson } from './json.ts';
import { type InvalidItem, parseEach, parseSparing, placeUnder } from './lenient.ts';
import {
  type NotificationBody,
  type NotificationTopic,
  type NotificationType,
  notificationRows,
} from './notifications.ts';
import { genericSubscribeTypes, type RequestRow, requestRegistry } from './registry.ts';
import { GenericSubscribeResponseSchema, parseResponse } from './responses.ts';

/** A notification as it came. */
export interface NotificationFrameLike {
  readonly type: string;
  readonly body?: unknown;
}

type Topics = { readonly [T in NotificationType]: (typeof notificationRows)[T]['topic'] };

/** A notification whose type is known here. Items, and fields of items, that could not be read are in `invalid` and not in `body`. */
export type KnownNotification<T extends NotificationTopic = NotificationTopic> = {
  [P in NotificationTopic]: {
    readonly kind: 'notification';
    readonly known: true;
    readonly type: string;
    /** What it is about, whichever dialect names it. */
    readonly topic: P;
    readonly body: NotificationBody<{ [N in NotificationType]: Topics[N] extends P ? N : never }[NotificationType]>;
    readonly invalid: readonly InvalidItem[];
    /** As it came. */
    readonly frame: NotificationFrameLike;
  };
}[T];

/** A notification of a type that is not known here, whole. */
export interface UnknownNotification {
  readonly kind: 'notification';
  readonly known: false;
  readonly type: string;
  readonly topic: undefined;
  readonly body: unknown;
  readonly invalid: readonly InvalidItem[];
  readonly frame: NotificationFrameLike;
}

/** The response to a request. `known`: its type is one of those known here. The body of a refusal is left as it came. */
export interface DecodedResponse {
  readonly kind: 'response';
  readonly reqId: string;
  /** 200 or 202 for a yes, 400 and above for a no, 0 when the server sent none. */
  readonly code: number;
  readonly type: string;
  readonly known: boolean;
  readonly body: unknown;
  /** The records of a list that could not be read and are not in `body`. */
  readonly invalid: readonly InvalidItem[];
  /** As it came. */
  readonly frame: Readonly<Record<string, unknown>>;
}

/** What could not be read. Names places and expectations, never values. */
export interface InvalidFrame {
  readonly kind: 'invalid';
  /** Of what cannot be read nothing is known. */
  readonly known: false;
  /** `json`: no JSON · `envelope`: neither notification nor response · `body`: not what its type says. */
  readonly reason: 'json' | 'envelope' | 'body';
  readonly issues: readonly SchemaIssue[];
  readonly type?: string;
  /** the request it belongs to, for a response. */
  readonly reqId?: string;
}

export type DecodedNotification = KnownNotification | UnknownNotification | InvalidFrame;
export type DecodedFrame = DecodedNotification | DecodedResponse;

type NotificationRow = (typeof notificationRows)[NotificationType];

const NONE: readonly InvalidItem[] = Object.freeze([]);

const notificationByType: ReadonlyMap<string, NotificationRow> = new Map(Object.entries(notificationRows));

const responseByType: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ...[requestRegistry, consumerRequestRegistry]
    .flatMap((registry): RequestRow[] => Object.values(registry))
    .flatMap(({ responseTypes, response }) => responseTypes.map((type) => [type, response] as const)),
  // Shared by all subscriptions, so the type alone does not say whether there is an id.
  ...genericSubscribeTypes.map((type) => [type, GenericSubscribeResponseSchema] as const),
]);

/**
 * Reads a frame of the socket: JSON text, or what was parsed from it. Never throws.
 *
 * Integers past `Number.MAX_SAFE_INTEGER` stay exact in JSON text: they arrive as text. A frame of a type that is not known here passes whole.
 */
export function decodeFrame(data: unknown): DecodedFrame {
  const frame = typeof data === 'string' ? parseText(data) : data;
  if (frame === NOT_JSON) return invalid('json', [{ path: '', expected: 'JSON' }]);
  try {
    return decodeParsed(frame);
  } catch {
    // An object of the caller's own: its getters, or a proxy's traps, may throw.
    return invalid('envelope', [{ path: '', expected: 'an object that can be read' }]);
  }
}

function decodeParsed(frame: unknown): DecodedFrame {
  if (!isObject(frame)) return invalid('envelope', [{ path: '', expected: 'object' }]);
  const { kind, type, reqId } = frame as { kind?: unknown; type?: unknown; reqId?: unknown };
  if (kind === 'resp' || (kind == null && reqId != null)) return decodeResponse(frame);
  const isNotification = kind === 'notification' || (kind == null && notificationByType.has(type as string));
  if (!isNotification) return invalid('envelope', [{ path: 'kind', expected: '"notification" | "resp"' }]);
  if (typeof type !== 'string') return invalid('envelope', [{ path: 'type', expected: 'string' }]);
  return decodeNotification(frame as unknown as NotificationFrameLike);
}

/** The second stage of {@link decodeFrame}: the body of a notification whose envelope has been checked. Never throws. */
export function decodeNotification(frame: NotificationFrameLike): DecodedNotification {
  const { type, body } = frame;
  const row = notificationByType.get(type);
  if (row === undefined)
    return { kind: 'notification', known: false, type, topic: undefined, body, invalid: NONE, frame };
  if (isValid(row.body, body, recordsOf(body))) return known(row, frame, body, NONE);
  return row.item === undefined ? decodeWhole(row, frame) : decodeItems(row, row.item, frame);
}

function recordsOf(body: unknown): number {
  return isObject(body) && Array.isArray(body['changes']) ? body['changes'].length : 1;
}

function decodeWhole(row: NotificationRow, frame: NotificationFrameLike): DecodedNotification {
  const result = parseSparing<z.ZodType>(row.body, frame.body);
  if (!result.ok) return invalid('body', result.issues, { type: frame.type });
  return known(row, frame, result.value, setAside(result.aside));
}

// One bad item must not take the others with it.
function decodeItems(row: NotificationRow, item: z.ZodType, frame: NotificationFrameLike): DecodedNotification {
  const body: { changes?: unknown } = isObject(frame.body) ? frame.body : {};
  const { changes: received } = body;
  if (received === undefined) return decodeWhole(row, frame);
  const { items: changes, invalid: dropped } = parseEach(item, toList(received), 'changes.');
  const rest = parseSparing<z.ZodType>(row.body, { ...body, changes: [] });
  if (!rest.ok) return invalid('body', rest.issues, { type: frame.type });
  return known(row, frame, { ...(rest.value as object), changes }, [...dropped, ...setAside(rest.aside)]);
}

function setAside(issues: readonly SchemaIssue[]): readonly InvalidItem[] {
  return issues.length === 0 ? NONE : [{ issues, kept: true }];
}

function decodeResponse(frame: Readonly<Record<string, unknown>>): DecodedResponse | InvalidFrame {
  const { reqId, type, code, body } = frame as { reqId?: unknown; type?: unknown; code?: unknown; body?: unknown };
  if (typeof reqId !== 'string' && typeof reqId !== 'number')
    return invalid('envelope', [{ path: 'reqId', expected: 'string' }]);
  const response = {
    kind: 'response',
    reqId: String(reqId),
    code: statusOf(code),
    type: typeof type === 'string' ? type : '',
    frame,
  } as const;
  const schema = responseByType.get(response.type);
  // What a refusal holds is for people to read, whatever its type is called.
  if (schema === undefined || response.code >= 400)
    return { ...response, known: schema !== undefined, body, invalid: [] };
  const result = parseResponse(schema, body);
  if (result.ok) return { ...response, known: true, body: result.value, invalid: result.invalid };
  return invalid(
    'body',
    result.issues.map((issue) => placeUnder('body', issue)),
    { type: response.type, reqId: response.reqId },
  );
}

/** A response's code as a number, read as the transport reads it: `OK` is 200, and 0 stands for what is neither a number nor its text. */
function statusOf(code: unknown): number {
  if (typeof code === 'number') return code || 0;
  if (code === 'OK') return 200;
  return typeof code === 'string' && /^\d{3}$/.test(code) ? Number(code) : 0;
}

function known(
  row: NotificationRow,
  frame: NotificationFrameLike,
  body: unknown,
  dropped: readonly InvalidItem[],
): KnownNotification {
  return {
    kind: 'notification',
    known: true,
    type: frame.type,
    topic: row.topic,
    body,
    invalid: dropped,
    frame,
  } as KnownNotification;
}

function invalid(
  reason: InvalidFrame['reason'],
  issues: readonly SchemaIssue[],
  facts: { type?: string; reqId?: string } = {},
): InvalidFrame {
  return { kind: 'invalid', known: false, reason, issues, ...facts };
}

const NOT_JSON = Symbol('not JSON');

function parseText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return NOT_JSON;
  }
}

function toList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null ? [] : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
