import type { OpenFields } from './objects.ts';
import type { SocialConversationMetadata, SocialEventMetadata } from './social-metadata-types.ts';
import type {
  AnswerMetadata,
  InvalidAnswerMetadata,
  QuestionMetadata,
  SurveyMetadata,
} from './survey-metadata-types.ts';

/** An id of another system. */
export interface ExternalIdMetadata extends OpenFields {
  /** `ExternalId`. */
  type: 'ExternalId';
  /** The id there, at most 64 characters. */
  id: string;
}

/** Something that the consumer may want, as a bot has understood it. */
export interface BotIntent extends OpenFields {
  /** The id of the intent, at most 256 characters. */
  id: string;
  /** The name of the intent, at most 256 characters. */
  name?: string | undefined;
  /** How sure the bot is, in words; at most 64 characters. */
  confidence?: string | undefined;
  /** How sure the bot is, 0 to 1. Better sent: one page of the vendor requires it, and another leaves it out. */
  confidenceScore?: number | undefined;
  /** How it was found, at most 20 characters. */
  intentMatchType?: string | undefined;
  /** What it was found in, at most 20 characters. */
  intentMatchEventType?: string | undefined;
}

/** Which bot writes. */
export interface BotIdentity extends OpenFields {
  /** The id of the bot, at most 64 characters. */
  botId: string;
  /** Who makes it, at most 64 characters. */
  botProvider?: string | undefined;
  /** How it is connected. */
  botProviderType?: '1P' | '3P_LP_CONNECTOR' | '3P_EXTERNAL_CONNECTOR' | undefined;
  /** Its kind, at most 64 characters. */
  botType?: string | undefined;
  /** The language it answers in, at most 64 characters. */
  botLanguage?: string | undefined;
  /** When it was changed last, in milliseconds since 1970. */
  botLastUpdateTimestamp?: number | undefined;
}

/** What a bot has understood, for the reports on bots. */
export interface BotResponseMetadata extends OpenFields {
  /** `BotResponse`. */
  type: 'BotResponse';
  /** The conversation as the bot's own system knows it, at most 64 characters. */
  externalConversationId?: string | undefined;
  /** What the conversation is about: at most 16 texts of at most 256 characters. */
  businessCases?: string[] | undefined;
  /** What the consumer seems to want, at most 16 intents. */
  intents?: BotIntent[] | undefined;
  /** Which bot writes. */
  bot?: BotIdentity | undefined;
  /** The numbers of the messages that it answers, at most 16. */
  consumerUtteranceSequenceNumbers?: number[] | undefined;
  /** The consumer, as the bot knows it; at most 64 characters. */
  consumerId?: string | undefined;
  /** The source of the knowledge, at most 64 characters. */
  kBSourceId?: string | undefined;
  /** The step of the bot's dialogue, at most 64 characters. */
  botInteractionId?: string | undefined;
  /** Whether an intent was found. */
  intentMatched?: boolean | undefined;
}

/** Why something is done, such as a transfer. */
export interface ActionReasonMetadata extends OpenFields {
  /** `ActionReason`. */
  type: 'ActionReason';
  /** Why, in words; at most 64 characters. */
  reason?: string | undefined;
  /** Why, by id; at most 64 characters. */
  reasonId?: string | undefined;
}

/** One matter that a conversation was about. */
export interface BusinessCase extends OpenFields {
  /** The id of the matter. */
  id?: string | undefined;
  /** Its time, as the bot counts it. */
  time?: number | undefined;
}

/** What the platform keeps of an escalation, for the agent who takes over from a bot. */
export interface EscalationSummary extends OpenFields {
  /** Why it is handed over. */
  escalationCause?: string | undefined;
  /** What the conversation was about. */
  businessCases?: BusinessCase[] | undefined;
  /** How long the conversation was. */
  conversationDuration?: number | undefined;
  /** What it was about when it was handed over. */
  escalatedDuringBusinessCase?: string | undefined;
}

/** The summary as metadata. */
export interface EscalationSummaryMetadata extends EscalationSummary {
  /** `EscalationSummary`. */
  type: 'EscalationSummary';
}

/** A message as the bot knows it. */
export interface CbBotResponseMetadata extends OpenFields {
  /** `CbBotResponseMetaData`. */
  type: 'CbBotResponseMetaData';
  /** The message, as the bot knows it; at most 64 characters. */
  botMsgId: string;
}

/** Metadata of a channel: its other fields are not published. */
export interface ChannelMetadata extends OpenFields {
  /** Which kind it is: the other fields depend on it. */
  type:
    | 'AutoMessage'
    | 'ConnectorPaymentRequest'
    | 'ConnectorPaymentResponse'
    | 'ConnectorAuthenticationRequest'
    | 'ConnectorAuthenticationResponse'
    | 'BusinessChatMessage'
    | 'BusinessChatCustomMessage'
    | 'BusinessEvent'
    | 'BusinessFormEvent'
    | 'WhatsAppSingleProduct'
    | 'WhatsAppMultipleProduct'
    | 'IBMWatsonInfo';
}

/** Metadata of a type that is not known here: the platform refuses a type that it does not know itself. */
export interface OtherMetadata extends OpenFields {
  /** Which kind it is: the other fields depend on it. */
  type: string;
}

/**
 * Metadata to send. An entry of a type that is not known here passes, since channels have types of their own; the
 * platform refuses a message with a type that it does not know itself.
 */
export type Metadata =
  | ExternalIdMetadata
  | BotResponseMetadata
  | ActionReasonMetadata
  | EscalationSummaryMetadata
  | SurveyMetadata
  | QuestionMetadata
  | AnswerMetadata
  | InvalidAnswerMetadata
  | SocialConversationMetadata
  | SocialEventMetadata
  | CbBotResponseMetadata
  | ChannelMetadata
  | OtherMetadata;
