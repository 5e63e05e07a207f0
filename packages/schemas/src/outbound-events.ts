import * as z from 'zod';
import { ACCEPT_STATUSES, CHAT_STATES } from './events.ts';
import { looseObject } from './objects.ts';
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

const TextSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('ContentEvent'),
  /** What the content is: `message` depends on it. */
  contentType: z.literal('text/plain'),
  /** The text, or what stands for it. */
  message: z.string().min(1).max(MAX_TEXT_LENGTH),
  /** Buttons below the message, gone once the conversation goes on. */
  quickReplies: QuickRepliesSchema.optional(),
}));

const HostedFileSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('ContentEvent'),
  /** What the content is: `message` depends on it. */
  contentType: z.literal('hosted/file'),
  /** The text, or what stands for it. */
  message: z.looseObject({
    /** A line below the file. */
    caption: optionalText,
    /** Where the file lies, as the upload gave it. */
    relativePath: z.string().min(1),
    /** In the platform's spelling, such as `PNG`. */
    fileType: z.string().min(1),
    /** A small picture of it, as base64. */
    preview: optionalText,
  }),
}));

const ExternalFileSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('ContentEvent'),
  /** What the content is: `message` depends on it. */
  contentType: z.literal('external/file'),
  /** The text, or what stands for it. */
  message: z.looseObject({
    /** Where the file lies. */
    externalFileLink: safeLink(z.string().min(1)),
  }),
}));

const SecureFormInvitationSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('ContentEvent'),
  /** What the content is: `message` depends on it. */
  contentType: z.literal('forms/secure-invitation'),
  /** The text, or what stands for it. */
  message: z.looseObject({
    /** The form. */
    formId: z.string(),
    /** The invitation. */
    invitationId: z.string(),
    /** What the form is called. */
    title: z.string(),
  }),
}));

const SecureFormSubmissionSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('ContentEvent'),
  /** What the content is: `message` depends on it. */
  contentType: z.literal('forms/secure-submission'),
  /** The text, or what stands for it. */
  message: z.looseObject({
    /** What was sent in. */
    submissionId: z.string(),
    /** The invitation. */
    invitationId: z.string(),
  }),
}));

const RichSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('RichContentEvent'),
  /** The structured content. */
  content: RichContentSchema,
  /** Buttons below the message, gone once the conversation goes on. */
  quickReplies: QuickRepliesSchema.optional(),
}))
  .refine(({ content }) => JSON.stringify(content).length <= MAX_RICH_CONTENT_LENGTH, {
    path: ['content'],
    error: `at most ${MAX_RICH_CONTENT_LENGTH} characters as JSON`,
  })
  .describe(`The content has at most ${MAX_RICH_CONTENT_LENGTH} characters as JSON text.`);

const AcceptStatusSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('AcceptStatusEvent'),
  /** What has become of the events: `ACCEPT` came, `READ` was read. */
  status: z.enum(ACCEPT_STATUSES),
  /** The numbers of the events. */
  sequenceList: z.array(SequenceSchema).min(1),
}));

const ChatStateSchema = looseObject(() => ({
  /** Which kind of event it is. */
  type: z.literal('ChatStateEvent'),
  /** `COMPOSING` while somebody types. */
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

/**
 * An event to publish. One of a type or a content type that is not known here passes as it is, but for links that run
 * code.
 */
export const PublishableEventSchema = z
  .union([
    looseObject(() => ({
      /** Which kind of event it is. */
      type: z.literal('ContentEvent'),
      /** What the content is: `message` depends on it. */
      contentType: otherName(CONTENT_TYPES, 'the fields of its contentType'),
    })),
    looseObject(() => ({
      /** Which kind of event it is. */
      type: otherName(EVENT_TYPES, 'the fields of its type'),
    })),
    z.discriminatedUnion('type', [KnownContentSchema, RichSchema, AcceptStatusSchema, ChatStateSchema]),
  ])
  .check(linksAreSafe);
export type PublishableEvent = z.infer<typeof PublishableEventSchema>;
