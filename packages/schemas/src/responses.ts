import * as z from 'zod';
import { isValid } from './checks.ts';
import { MessagingEventSchema } from './events.ts';
import type { SchemaIssue } from './issues.ts';
import { type InvalidItem, parseEach, parseLenient, parseSparing } from './lenient.ts';
import { looseObject } from './objects.ts';
import { optionalText, SequenceSchema, TimestampSchema } from './primitives.ts';

/** The server's confirmation in words. */
export const TextResponseSchema = z.string();
export const ClockResponseSchema = looseObject(() => ({ currentTime: TimestampSchema }));
export const SubscriptionResponseSchema = looseObject(() => ({ subscriptionId: z.string() }));
/** The response to a subscription of any kind, as its type alone describes it. */
export const GenericSubscribeResponseSchema = looseObject(() => ({ subscriptionId: optionalText })).optional();
/** A confirmation whose form is not published: words, or the subscription again. */
export const ConfirmationSchema = z.union([TextResponseSchema, SubscriptionResponseSchema]);
export const ConversationResponseSchema = looseObject(() => ({ conversationId: z.string() }));
/** The number the event got in its dialog; 0 for a chat state, which gets none. */
export const PublishResponseSchema = looseObject(() => ({ sequence: SequenceSchema }));
export const MessagesResponseSchema = z.array(MessagingEventSchema);

/** Where to put or get a file: good for about a minute. */
export const FileUrlResponseSchema = looseObject(() => ({
  relativePath: z.string(),
  queryParams: z.looseObject({ temp_url_sig: z.string(), temp_url_expires: z.string() }),
}));
export type FileUrl = z.infer<typeof FileUrlResponseSchema>;

export const DownloadTokenResponseSchema = looseObject(() => ({
  token: z.looseObject({ type: optionalText, readOtk: z.string() }),
}));

/** What reading a response gave. Records of a list, and fields, that could not be read are in `invalid` and not in `value`. */
export type ResponseResult<T> =
  | { readonly ok: true; readonly value: T; readonly invalid: readonly InvalidItem[] }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

const NONE: readonly InvalidItem[] = Object.freeze([]);

/** Reads a response by its schema; of a list each record by itself, so that one bad record does not cost the others. */
export function parseResponse<S extends z.ZodType>(schema: S, body: unknown): ResponseResult<z.output<S>> {
  const records = Array.isArray(body) ? body.length : 1;
  if (isValid<z.ZodType>(schema, body, records)) return { ok: true, value: body as z.output<S>, invalid: NONE };
  if (schema instanceof z.ZodArray && Array.isArray(body)) {
    const { items, invalid } = parseEach(schema.element as z.ZodType, body, '');
    return { ok: true, value: items as z.output<S>, invalid };
  }
  // Something else than a list, set aside, would be a list of nothing.
  if (schema instanceof z.ZodArray) {
    const list = parseLenient(schema, body);
    return list.ok ? { ...list, invalid: NONE } : list;
  }
  const whole = parseSparing(schema, body);
  if (!whole.ok) return whole;
  const invalid = whole.aside.length === 0 ? NONE : [{ issues: whole.aside, kept: true as const }];
  return { ok: true, value: whole.value, invalid };
}
