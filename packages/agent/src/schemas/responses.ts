import * as z from 'zod';
import { MessagingEventSchema } from './events.ts';
import { TimestampSchema } from './primitives.ts';

/** The server's confirmation in words. */
export const TextResponseSchema = z.string();
export const ClockResponseSchema = z.looseObject({ currentTime: TimestampSchema });
export const SubscriptionResponseSchema = z.looseObject({ subscriptionId: z.string() });
/** The answer to a subscription of any kind, as its type alone describes it. */
export const GenericSubscribeResponseSchema = z.looseObject({ subscriptionId: z.string().optional() }).optional();
/** A confirmation whose form is not published: words, or the subscription again. */
export const ConfirmationSchema = z.union([TextResponseSchema, SubscriptionResponseSchema]);
export const ConversationResponseSchema = z.looseObject({ conversationId: z.string() });
/** The number the event got in its dialog; 0 for a chat state, which gets none. */
export const PublishResponseSchema = z.looseObject({ sequence: z.number() });
export const MessagesResponseSchema = z.array(MessagingEventSchema);

/** Where to put or get a file: good for about a minute. */
export const FileUrlResponseSchema = z.looseObject({
  relativePath: z.string(),
  queryParams: z.looseObject({ temp_url_sig: z.string(), temp_url_expires: z.string() }),
});
export type FileUrl = z.infer<typeof FileUrlResponseSchema>;

export const DownloadTokenResponseSchema = z.looseObject({
  token: z.looseObject({ type: z.string().optional(), readOtk: z.string() }),
});
