import * as z from 'zod';
import { ACCEPT_STATUSES, CHAT_STATES } from './events.ts';
import { QuickRepliesSchema } from './quick-replies.ts';
import { RichContentSchema } from './rich-content.ts';

/** The most characters a text may have. */
export const MAX_TEXT_LENGTH = 8000;
/** The most characters structured content may have as JSON text. */
export const MAX_RICH_CONTENT_LENGTH = 15_000;
/** The most characters a note may have. */
export const MAX_NOTE_LENGTH = 5000;

const TextSchema = z.strictObject({
  type: z.literal('ContentEvent'),
  contentType: z.literal('text/plain'),
  message: z.string().max(MAX_TEXT_LENGTH),
  quickReplies: QuickRepliesSchema.optional(),
});

const HostedFileSchema = z.strictObject({
  type: z.literal('ContentEvent'),
  contentType: z.literal('hosted/file'),
  message: z.strictObject({
    caption: z.string().optional(),
    relativePath: z.string().min(1),
    fileType: z.string().min(1),
    preview: z.string().optional(),
  }),
});

const ExternalFileSchema = z.strictObject({
  type: z.literal('ContentEvent'),
  contentType: z.literal('external/file'),
  message: z.looseObject({ externalFileLink: z.string().min(1) }),
});

const SecureFormInvitationSchema = z.strictObject({
  type: z.literal('ContentEvent'),
  contentType: z.literal('forms/secure-invitation'),
  message: z.strictObject({ formId: z.string(), invitationId: z.string(), title: z.string() }),
});

const SecureFormSubmissionSchema = z.strictObject({
  type: z.literal('ContentEvent'),
  contentType: z.literal('forms/secure-submission'),
  message: z.strictObject({ submissionId: z.string(), invitationId: z.string() }),
});

const RichSchema = z.strictObject({
  type: z.literal('RichContentEvent'),
  content: RichContentSchema.refine((content) => JSON.stringify(content).length <= MAX_RICH_CONTENT_LENGTH, {
    error: `at most ${MAX_RICH_CONTENT_LENGTH} characters as JSON`,
  }).describe(`At most ${MAX_RICH_CONTENT_LENGTH} characters as JSON text.`),
  quickReplies: QuickRepliesSchema.optional(),
});

const AcceptStatusSchema = z.strictObject({
  type: z.literal('AcceptStatusEvent'),
  status: z.enum(ACCEPT_STATUSES),
  sequenceList: z.array(z.int().min(0)).min(1),
});

const ChatStateSchema = z.strictObject({ type: z.literal('ChatStateEvent'), chatState: z.enum(CHAT_STATES) });

/** An event to publish. */
export const PublishableEventSchema = z.discriminatedUnion('type', [
  z.discriminatedUnion('contentType', [
    TextSchema,
    HostedFileSchema,
    ExternalFileSchema,
    SecureFormInvitationSchema,
    SecureFormSubmissionSchema,
  ]),
  RichSchema,
  AcceptStatusSchema,
  ChatStateSchema,
]);
export type PublishableEvent = z.infer<typeof PublishableEventSchema>;
