import * as z from 'zod';
import { ClientPropertiesSchema } from './client-properties.ts';
import { InboundMetadataSchema } from './metadata.ts';
import { looseObject } from './objects.ts';
import {
  type Open,
  openEnum,
  optionalNumber,
  optionalText,
  optionalTime,
  otherName,
  SequenceSchema,
} from './primitives.ts';

export const ROLES = ['CONSUMER', 'ASSIGNED_AGENT', 'AGENT', 'MANAGER', 'READER', 'BRAND_BOT', 'CONTROLLER'] as const;
export const RoleSchema = openEnum(ROLES);
/** What a participant is in a conversation. One person may hold two roles. */
export type Role = Open<(typeof ROLES)[number]>;

export const AUDIENCES = ['ALL', 'AGENTS_AND_MANAGERS'] as const;
export const MessageAudienceSchema = openEnum(AUDIENCES);
/** Who gets an event: everybody, or the brand's own people only (a private message). */
export type MessageAudience = Open<(typeof AUDIENCES)[number]>;

/** How a receiver stands to earlier messages. */
export const ACCEPT_STATUSES = [
  'ACCEPT',
  'READ',
  'ACCESS',
  'NACK',
  'ENRICH',
  'ACTION',
  'VIEWED',
  'ABORTED',
  'ERROR',
] as const;

/** What a participant does at the moment. `BACKGROUND`: the app's connection is closed. */
export const CHAT_STATES = ['ACTIVE', 'INACTIVE', 'GONE', 'COMPOSING', 'PAUSE', 'BACKGROUND'] as const;

const QuickRepliesInSchema = looseObject(() => ({
  type: optionalText,
  itemsPerRow: optionalNumber,
  replies: z.array(z.looseObject({ type: optionalText, title: optionalText })).optional(),
}));

/** A text. */
export const TextEventSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('text/plain'),
  message: z.string(),
  quickReplies: QuickRepliesInSchema.optional(),
}));
export type TextEvent = z.infer<typeof TextEventSchema>;

/** A file in the platform's storage. */
export const HostedFileEventSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('hosted/file'),
  message: z.looseObject({
    caption: optionalText,
    relativePath: z.string(),
    fileType: optionalText,
    preview: optionalText,
  }),
}));
export type HostedFileEvent = z.infer<typeof HostedFileEventSchema>;

/** A file elsewhere. */
export const ExternalFileEventSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('external/file'),
  message: z.looseObject({ externalFileLink: optionalText }),
}));
export type ExternalFileEvent = z.infer<typeof ExternalFileEventSchema>;

/** A request to fill in a secure form. */
export const SecureFormInvitationEventSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('forms/secure-invitation'),
  message: z.looseObject({
    formId: optionalText,
    invitationId: z.string(),
    title: optionalText,
  }),
}));
export type SecureFormInvitationEvent = z.infer<typeof SecureFormInvitationEventSchema>;

/** A secure form that was filled in. */
export const SecureFormSubmissionEventSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: z.literal('forms/secure-submission'),
  message: z.looseObject({ submissionId: optionalText, invitationId: z.string() }),
}));
export type SecureFormSubmissionEvent = z.infer<typeof SecureFormSubmissionEventSchema>;

/** Structured content. History holds it as JSON text; it is read into an object. */
export const RichContentEventSchema = looseObject(() => ({
  type: z.literal('RichContentEvent'),
  content: z.looseObject({ type: optionalText }),
  quickReplies: QuickRepliesInSchema.optional(),
}));
export type RichContentEvent = z.infer<typeof RichContentEventSchema>;

/** A receiver accepted, read or used the messages of `sequenceList`. */
export const AcceptStatusEventSchema = looseObject(() => ({
  type: z.literal('AcceptStatusEvent'),
  status: openEnum(ACCEPT_STATUSES),
  sequenceList: z.array(SequenceSchema),
}));
export type AcceptStatusEvent = z.infer<typeof AcceptStatusEventSchema>;

export const ChatStateEventSchema = looseObject(() => ({
  /** What tells it from other events. */
  type: z.literal('ChatStateEvent'),
  /** `COMPOSING` while the participant writes. */
  chatState: openEnum(CHAT_STATES),
}));
/** A participant writes, pauses or leaves. Has no sequence and no time. */
export type ChatStateEvent = z.infer<typeof ChatStateEventSchema>;

const contentEvents = z.discriminatedUnion('contentType', [
  TextEventSchema,
  HostedFileEventSchema,
  ExternalFileEventSchema,
  SecureFormInvitationEventSchema,
  SecureFormSubmissionEventSchema,
]);

/** Content of a kind that is not known here. */
export const OtherContentEventSchema = looseObject(() => ({
  type: z.literal('ContentEvent'),
  contentType: otherName(
    contentEvents.options.map((option) => option.shape.contentType.value),
    'the fields of its content type',
  ).optional(),
  message: z.unknown().optional(),
}));
export type OtherContentEvent = z.infer<typeof OtherContentEventSchema>;

/** An event of a kind that is not known here. */
export const OtherEventSchema = looseObject(() => ({
  type: otherName(
    ['ContentEvent', 'RichContentEvent', 'AcceptStatusEvent', 'ChatStateEvent'],
    'the fields of its event type',
  ),
}));
export type OtherEvent = z.infer<typeof OtherEventSchema>;

const knownEvents = z.discriminatedUnion('type', [
  contentEvents,
  RichContentEventSchema,
  AcceptStatusEventSchema,
  ChatStateEventSchema,
]);

/** What happened in a dialog. Kinds that are not known here pass whole. */
export const EventSchema = z.union([knownEvents, OtherContentEventSchema, OtherEventSchema]);
/** What happened in a dialog. Kinds that are not known here pass whole. */
export type Event = z.infer<typeof EventSchema>;

/** Who caused an event: `id` is the PID. */
export const OriginatorMetadataSchema = looseObject(() => ({
  id: optionalText,
  role: RoleSchema.optional(),
  clientProperties: ClientPropertiesSchema.optional(),
}));
export type OriginatorMetadata = z.infer<typeof OriginatorMetadataSchema>;

/**
 * One event of a dialog as the server sends it. On the agent socket (v2) `originatorId` is the old id and `originatorPId`
 * the PID; on the consumer socket and in webhooks (v3) `originatorId` is the PID. A chat state has neither `sequence`
 * nor `serverTimestamp`.
 */
export const MessagingEventSchema = looseObject(() => ({
  /** The number of the event in its dialog; typing may have none. */
  sequence: SequenceSchema.optional(),
  /** When the platform took it, in milliseconds since 1970. */
  serverTimestamp: optionalTime,
  originatorId: optionalText,
  /** The PID of who said it. */
  originatorPId: optionalText,
  /** Id and role of who said it. */
  originatorMetadata: OriginatorMetadataSchema.optional(),
  /** The device and program of who said it. */
  originatorClientProperties: ClientPropertiesSchema.optional(),
  /** What happened: content, a receipt, a typing state. */
  event: EventSchema,
  /** The dialog it belongs to. */
  dialogId: z.string(),
  /** The conversation it belongs to. */
  conversationId: optionalText,
  /** `ALL`, or `AGENTS_AND_MANAGERS` for what the consumer does not see. */
  messageAudience: MessageAudienceSchema.optional(),
  /** Typed objects beside the event. */
  metadata: z.array(InboundMetadataSchema).nullish(),
}));
export type MessagingEventRecord = z.infer<typeof MessagingEventSchema>;
