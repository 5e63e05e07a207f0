import * as z from 'zod';
import type { Metadata } from './metadata-types.ts';
import { looseObject } from './objects.ts';
import { optionalFlag, optionalNumber, optionalText, otherText } from './primitives.ts';
import { linksAreSafe } from './safe-links.ts';

/** Metadata of a message as received: `type` says what else is there. */
export const InboundMetadataSchema = looseObject(() => ({ type: optionalText }));
export type InboundMetadata = z.infer<typeof InboundMetadataSchema>;

const id64 = z.string().max(64);
const short = id64.optional();
const provider = z.enum(['AC', 'External']).optional();

const ExternalIdSchema = looseObject(() => ({
  type: z.literal('ExternalId'),
  id: id64,
}));

const BotResponseSchema = looseObject(() => ({
  type: z.literal('BotResponse'),
  externalConversationId: short,
  businessCases: z.array(z.string().max(256)).max(16).optional(),
  intents: z
    .array(
      z.looseObject({
        id: z.string().max(256),
        name: z.string().max(256).optional(),
        confidence: short,
        // Required by the vendor's table of fields, and left out by its example of an escalation.
        confidenceScore: z.number().min(0).max(1).optional(),
        intentMatchType: z.string().max(20).optional(),
        intentMatchEventType: z.string().max(20).optional(),
      }),
    )
    .max(16)
    .optional(),
  bot: z
    .looseObject({
      botId: id64,
      botProvider: short,
      botProviderType: z.enum(['1P', '3P_LP_CONNECTOR', '3P_EXTERNAL_CONNECTOR']).optional(),
      botType: short,
      botLanguage: short,
      botLastUpdateTimestamp: optionalNumber,
    })
    .optional(),
  consumerUtteranceSequenceNumbers: z.array(z.number()).max(16).optional(),
  consumerId: short,
  kBSourceId: short,
  botInteractionId: short,
  intentMatched: optionalFlag,
}));

const ActionReasonSchema = looseObject(() => ({
  type: z.literal('ActionReason'),
  reason: short,
  reasonId: short,
}));

const EscalationSummarySchema = looseObject(() => ({
  type: z.literal('EscalationSummary'),
  escalationCause: optionalText,
  businessCases: z
    .array(
      z.looseObject({
        id: optionalText,
        time: optionalNumber,
      }),
    )
    .optional(),
  conversationDuration: optionalNumber,
  escalatedDuringBusinessCase: optionalText,
}));

const SurveySchema = looseObject(() => ({
  type: z.literal('Survey'),
  id: z.string(),
  revision: z.union([z.string(), z.number()]).optional(),
  provider,
}));

const QuestionSchema = looseObject(() => ({
  type: z.literal('Question'),
  id: z.string(),
  surveyId: optionalText,
  groupId: optionalText,
  provider,
  replies: z.array(z.unknown()).optional(),
}));

const AnswerSchema = looseObject(() => ({
  type: z.literal('Answer'),
  id: z.string(),
  questionId: optionalText,
  surveyId: optionalText,
  groupId: optionalText,
  provider,
}));

const InvalidAnswerSchema = looseObject(() => ({
  type: z.literal('InvalidAnswer'),
  questionId: z.string(),
  surveyId: optionalText,
  provider,
}));

const SocialConversationSchema = looseObject(() => ({
  type: z.literal('SocialMessagingConversationData'),
  directMessagingId: z.string().max(256),
  userProfile: z.looseObject({
    source: optionalText,
    avatarUrl: z.string().max(2048).optional(),
    userName: id64.optional(),
    psid: z.string().max(32).optional(),
    gender: z.string().max(16).optional(),
    locale: z.string().max(8).optional(),
    timezone: z.string().max(16).optional(),
    profileUrl: optionalText,
    profileName: optionalText,
  }),
}));

const SocialEventSchema = looseObject(() => ({
  type: z.literal('SocialMessagingEventData'),
  event: z
    .looseObject({
      source: optionalText,
      type: optionalText,
      parent: z.looseObject({}).optional(),
    })
    .optional(),
  channel: z.enum(['Public', 'Private']).optional(),
  replyToId: optionalText,
  actions: z
    .array(
      z.looseObject({
        name: optionalText,
      }),
    )
    .optional(),
  conversationState: z
    .looseObject({
      currentChannel: optionalText,
      dmChatId: optionalText,
    })
    .optional(),
}));

const CbBotResponseSchema = looseObject(() => ({
  type: z.literal('CbBotResponseMetaData'),
  botMsgId: id64,
}));

// Their fields belong to the channels and are not published: only their names are known.
const ChannelMetadataSchema = looseObject(() => ({
  type: z.enum([
    'AutoMessage',
    'ConnectorPaymentRequest',
    'ConnectorPaymentResponse',
    'ConnectorAuthenticationRequest',
    'ConnectorAuthenticationResponse',
    'BusinessChatMessage',
    'BusinessChatCustomMessage',
    'BusinessEvent',
    'BusinessFormEvent',
    'WhatsAppSingleProduct',
    'WhatsAppMultipleProduct',
    'IBMWatsonInfo',
  ]),
}));

export const KnownMetadataSchema = z.discriminatedUnion('type', [
  ExternalIdSchema,
  BotResponseSchema,
  ActionReasonSchema,
  EscalationSummarySchema,
  SurveySchema,
  QuestionSchema,
  AnswerSchema,
  InvalidAnswerSchema,
  SocialConversationSchema,
  SocialEventSchema,
  CbBotResponseSchema,
  ChannelMetadataSchema,
]);

const knownTypes = () =>
  KnownMetadataSchema.options.flatMap(({ shape: { type } }) => [...type._zod.values].map(String));

/**
 * Metadata to send. An entry of a type that is not known here passes, since channels have types of their own; the
 * platform refuses a message with a type that it does not know itself.
 */
export const MetadataSchema: z.ZodType<Metadata, Metadata> = z
  .union([
    KnownMetadataSchema,
    looseObject(() => ({
      type: otherText(knownTypes(), 'the fields of its type'),
    })),
  ])
  .check(linksAreSafe);

/** The `metadata` of a request: it stands beside the body, not in it. At most 32 entries. */
export const RequestMetadataSchema = z.array(MetadataSchema).max(32);
export type RequestMetadata = z.infer<typeof RequestMetadataSchema>;

/** The most characters `encodedMetadata` may have. */
export const MAX_ENCODED_METADATA_LENGTH = 5120;

/**
 * The `encodedMetadata` of a request: base64, at most 5 k of it. The platform drops a message that breaks this without a
 * word, and one of an account whose feature `Common.EncodedMetadata` is off.
 */
export const EncodedMetadataSchema = z.base64().min(1).max(MAX_ENCODED_METADATA_LENGTH);
