import * as z from 'zod';
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
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('ExternalId'),
  /** Its id. */
  id: id64,
}));

const BotResponseSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('BotResponse'),
  /** The conversation as the bot's own system knows it. */
  externalConversationId: short,
  /** What the conversation is about. */
  businessCases: z.array(z.string().max(256)).max(16).optional(),
  /** What the consumer seems to want. */
  intents: z
    .array(
      z.looseObject({
        /** Its id. */
        id: z.string().max(256),
        /** Its name. */
        name: z.string().max(256).optional(),
        /** How sure the bot is, in words. */
        confidence: short,
        /** How sure the bot is, 0 to 1. */
        confidenceScore: z.number().min(0).max(1),
        /** How it was found. */
        intentMatchType: z.string().max(20).optional(),
        /** What it was found in. */
        intentMatchEventType: z.string().max(20).optional(),
      }),
    )
    .max(16)
    .optional(),
  /** Which bot. */
  bot: z
    .looseObject({
      /** The bot. */
      botId: id64,
      /** Who makes it. */
      botProvider: short,
      /** How it is connected. */
      botProviderType: z.enum(['1P', '3P_LP_CONNECTOR', '3P_EXTERNAL_CONNECTOR']).optional(),
      /** Its kind. */
      botType: short,
      /** The language it answers in. */
      botLanguage: short,
      /** When it was changed last, in milliseconds since 1970. */
      botLastUpdateTimestamp: optionalNumber,
    })
    .optional(),
  /** The messages that it answers. */
  consumerUtteranceSequenceNumbers: z.array(z.number()).max(16).optional(),
  /** The consumer, as the bot knows it. */
  consumerId: short,
  /** The source of the knowledge. */
  kBSourceId: short,
  /** The step of the bot's dialogue. */
  botInteractionId: short,
  /** Whether an intent was found. */
  intentMatched: optionalFlag,
}));

const ActionReasonSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('ActionReason'),
  /** Why, in words. */
  reason: short,
  /** Why, by id. */
  reasonId: short,
}));

const EscalationSummarySchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('EscalationSummary'),
  /** Why it is handed over. */
  escalationCause: optionalText,
  /** What the conversation is about. */
  businessCases: z
    .array(
      z.looseObject({
        /** Its id. */
        id: z.string(),
        /** Its time, as the bot counts it. */
        time: z.number(),
      }),
    )
    .optional(),
  /** How long the conversation was. */
  conversationDuration: optionalNumber,
  /** What it was about then. */
  escalatedDuringBusinessCase: optionalText,
}));

const SurveySchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('Survey'),
  /** Its id. */
  id: z.string(),
  /** The version of the survey. */
  revision: z.union([z.string(), z.number()]).optional(),
  /** Where the survey is kept. */
  provider,
}));

const QuestionSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('Question'),
  /** Its id. */
  id: z.string(),
  /** The survey. */
  surveyId: optionalText,
  /** The group of questions. */
  groupId: optionalText,
  /** Where the survey is kept. */
  provider,
  /** What can be answered. */
  replies: z.array(z.unknown()).optional(),
}));

const AnswerSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('Answer'),
  /** Its id. */
  id: z.string(),
  /** The question. */
  questionId: optionalText,
  /** The survey. */
  surveyId: optionalText,
  /** The group of questions. */
  groupId: optionalText,
  /** Where the survey is kept. */
  provider,
}));

const InvalidAnswerSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('InvalidAnswer'),
  /** The question. */
  questionId: z.string(),
  /** The survey. */
  surveyId: optionalText,
  /** Where the survey is kept. */
  provider,
}));

const SocialConversationSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('SocialMessagingConversationData'),
  /** The thread on the social channel. */
  directMessagingId: z.string().max(256),
  /** Who writes there. */
  userProfile: z.looseObject({
    /** The social channel. */
    source: optionalText,
    /** A picture of the person. */
    avatarUrl: z.string().max(2048).optional(),
    /** The name on the channel. */
    userName: id64.optional(),
    /** The id on the page. */
    psid: z.string().max(32).optional(),
    /** As the channel tells. */
    gender: z.string().max(16).optional(),
    /** Language and country. */
    locale: z.string().max(8).optional(),
    /** As the channel tells. */
    timezone: z.string().max(16).optional(),
    /** The page of the person. */
    profileUrl: optionalText,
    /** The name shown there. */
    profileName: optionalText,
  }),
}));

const SocialEventSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('SocialMessagingEventData'),
  /** What happened on the channel. */
  event: z
    .looseObject({
      /** The social channel. */
      source: optionalText,
      /** Which kind it is: the other fields depend on it. */
      type: optionalText,
      /** The post that is answered. */
      parent: z.looseObject({}).optional(),
    })
    .optional(),
  /** Public, or between the two. */
  channel: z.enum(['Public', 'Private']).optional(),
  /** What is answered. */
  replyToId: optionalText,
  /** What can be done. */
  actions: z
    .array(
      z.looseObject({
        /** Its name. */
        name: optionalText,
      }),
    )
    .optional(),
  /** Where the talk is. */
  conversationState: z
    .looseObject({
      /** Public, or between the two. */
      currentChannel: optionalText,
      /** The thread between the two. */
      dmChatId: optionalText,
    })
    .optional(),
}));

const CbBotResponseSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('CbBotResponseMetaData'),
  /** The message, as the bot knows it. */
  botMsgId: id64,
}));

// Their fields belong to the channels and are not published: only their names are known.
const ChannelMetadataSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
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

const KnownMetadataSchema = z.discriminatedUnion('type', [
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
export const MetadataSchema = z
  .union([
    KnownMetadataSchema,
    looseObject(() => ({
      /** Which kind it is: the other fields depend on it. */
      type: otherText(knownTypes(), 'the fields of its type'),
    })),
  ])
  .check(linksAreSafe);
export type Metadata = z.infer<typeof MetadataSchema>;

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
