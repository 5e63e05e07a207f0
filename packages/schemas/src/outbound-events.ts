import * as z from 'zod';
import { ACCEPT_STATUSES, CHAT_STATES } from './events.ts';
import { looseObject } from './objects.ts';
import type { PublishableEvent } from './outbound-event-types.ts';
import { optionalText, otherName, SequenceSchema } from './primitives.ts';
import { QuickRepliesSchema } from './quick-replies.ts';
import { RichContentSchema } from './rich-content.ts';
import { linksAreSafe, safeLink } from './safe-links.ts';

/** The most characters a text may have. */
export const MAX_TEXT_LENGTH = 8000;
/** The most characters structured content may have as JSON text. */
export const MAX_RICH_CONTENT_LENGTH = 15_000;
/** The most characters a note may have. */
export const MAX_NOTE_LENGTH = 5000;

// Looked into when content of that kind is sent: zod walks through all that a schema holds before it reads anything by it,
// which would make the schemas of all elements for a bot's first read mark.
const content = z.lazy(() => RichContentSchema);

const TextSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('text/plain'),
  message: z.string().min(1).max(MAX_TEXT_LENGTH),
  quickReplies: QuickRepliesSchema.optional(),
}));

const HostedFileSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('hosted/file'),
  message: z.looseObject({
    caption: optionalText,
    relativePath: z.string().min(1),
    fileType: z.string().min(1),
    preview: optionalText,
  }),
}));

const ExternalFileSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('external/file'),
  message: z.looseObject({
    externalFileLink: safeLink(z.string().min(1)),
  }),
}));

const SecureFormInvitationSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('forms/secure-invitation'),
  message: z.looseObject({
    formId: z.string(),
    invitationId: z.string(),
    title: z.string(),
  }),
}));

const SecureFormSubmissionSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('forms/secure-submission'),
  message: z.looseObject({
    submissionId: z.string(),
    invitationId: z.string(),
  }),
}));

const RichSchema = looseObject(() => ({
  type: z.literal('RichContentEvent'),
  content,
  quickReplies: QuickRepliesSchema.optional(),
}))
  .refine(({ content }) => jsonLength(content) <= MAX_RICH_CONTENT_LENGTH, {
    path: ['content'],
    error: `at most ${MAX_RICH_CONTENT_LENGTH} characters as JSON, without BigInt and what holds itself`,
  })
  .describe(`The content has at most ${MAX_RICH_CONTENT_LENGTH} characters as JSON text.`);

/** What JSON has no form for has no end. */
function jsonLength(content: unknown): number {
  try {
    return JSON.stringify(content).length;
  } catch {
    return Infinity;
  }
}

const AcceptStatusSchema = looseObject(() => ({
  type: z.literal('AcceptStatusEvent'),
  status: z.enum(ACCEPT_STATUSES),
  sequenceList: z.array(SequenceSchema).min(1),
}));

const ChatStateSchema = looseObject(() => ({
  type: z.literal('ChatStateEvent'),
  chatState: z.enum(CHAT_STATES),
}));

const KnownContentSchema = z.discriminatedUnion('contentType', [
  TextSchema,
  HostedFileSchema,
  ExternalFileSchema,
  SecureFormInvitationSchema,
  SecureFormSubmissionSchema,
]);
const CONTENT_TYPES = [
  'text/plain',
  'hosted/file',
  'external/file',
  'forms/secure-invitation',
  'forms/secure-submission',
] as const;
const EVENT_TYPES = ['ContentEvent', 'RichContentEvent', 'AcceptStatusEvent', 'ChatStateEvent'] as const;

const InferredSchema = z
  .union([
    looseObject(() => ({
      type: z.literal('ContentEvent'),
      contentType: otherName(CONTENT_TYPES, 'the fields of its contentType'),
    })),
    looseObject(() => ({
      type: otherName(EVENT_TYPES, 'the fields of its type'),
    })),
    z.discriminatedUnion('type', [KnownContentSchema, RichSchema, AcceptStatusSchema, ChatStateSchema]),
  ])
  .check(linksAreSafe);

/** As its schema has it: the tests hold the named types against it. */
export type InferredEvent = z.input<typeof InferredSchema>;

/**
 * An event to publish. One of a type or a content type that is not known here passes as it is, but for links that run
 * code.
 */
export const PublishableEventSchema: z.ZodType<PublishableEvent, PublishableEvent> = InferredSchema;
