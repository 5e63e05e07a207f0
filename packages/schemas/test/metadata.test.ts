import { describe, expect, it } from '@jest/globals';
import {
  ClientPropertiesHeaderSchema,
  ClientPropertiesSchema,
  consumerRequestRegistry,
  InitConnectionHeadersSchema,
  MetadataSchema,
  parseLenient,
  UserProfileSchema,
} from '../src/index.ts';

const letters = (count: number) => 'x'.repeat(count);
const takes = (value: unknown) => MetadataSchema.safeParse(value).success;

const botResponse = {
  type: 'BotResponse',
  externalConversationId: 'e',
  businessCases: ['b'],
  intents: [
    { id: 'i', name: 'n', confidence: 'high', confidenceScore: 0, intentMatchType: 'm', intentMatchEventType: 'e' },
  ],
  bot: {
    botId: 'b',
    botProvider: 'p',
    botProviderType: '1P',
    botType: 't',
    botLanguage: 'en',
    botLastUpdateTimestamp: 1,
  },
  consumerUtteranceSequenceNumbers: [1],
  consumerId: 'c',
  kBSourceId: 'k',
  botInteractionId: 'i',
  intentMatched: true,
};

describe('metadata to send', () => {
  it.each([
    { type: 'ExternalId', id: 'Yes-1234' },
    botResponse,
    { type: 'BotResponse' },
    // As in the vendor's example of an escalation.
    { type: 'BotResponse', intents: [{ id: 'Payment-Bank_Information', confidence: '0.8' }] },
    { type: 'EscalationSummary', businessCases: [{ id: 'Help-Greetings' }, { time: 13 }] },
    { type: 'ActionReason', reason: 'r', reasonId: '3' },
    { type: 'ActionReason' },
    {
      type: 'EscalationSummary',
      escalationCause: 'c',
      businessCases: [{ id: 'i', time: 9 }],
      conversationDuration: 22,
      escalatedDuringBusinessCase: 'b',
    },
    { type: 'Survey', id: 's', revision: 3, provider: 'External' },
    { type: 'Question', id: 'q', surveyId: 's', groupId: 'g', provider: 'AC', replies: [{ id: 'r' }] },
    { type: 'Answer', id: 'a', questionId: 'q', surveyId: 's', groupId: 'g', provider: 'AC' },
    { type: 'InvalidAnswer', questionId: 'q', surveyId: 's', provider: 'AC' },
    { type: 'SocialMessagingConversationData', directMessagingId: 'd', userProfile: { source: 'Twitter', more: 1 } },
    { type: 'SocialMessagingEventData', event: { source: 'Facebook', type: 'Post' }, channel: 'Public', more: 1 },
    { type: 'CbBotResponseMetaData', botMsgId: 'b', botInteractionName: 'n' },
    { type: 'ConnectorPaymentRequest', anything: { goes: true } },
    { type: 'BusinessChatMessage' },
  ])('of type $type is taken as it is', (metadata) => {
    expect(MetadataSchema.parse(metadata)).toEqual(metadata);
  });

  it.each([
    ['an external id without an id', { type: 'ExternalId' }],
    ['a reason past 64 characters', { type: 'ActionReason', reason: letters(65) }],
    ['a business case past 256 characters', { type: 'BotResponse', businessCases: [letters(257)] }],
    ['seventeen business cases', { type: 'BotResponse', businessCases: Array.from({ length: 17 }, () => 'b') }],
    ['an intent without an id', { type: 'BotResponse', intents: [{ confidenceScore: 1 }] }],
    ['a negative score', { type: 'BotResponse', intents: [{ id: 'i', confidenceScore: -0.1 }] }],
    ['a bot without an id', { type: 'BotResponse', bot: {} }],
    ['a provider of bots that is not one', { type: 'BotResponse', bot: { botId: 'b', botProviderType: '2P' } }],
    ['a provider of surveys that is not one', { type: 'Survey', id: 's', provider: 'Internal' }],
    ['social data without an id', { type: 'SocialMessagingConversationData', userProfile: {} }],
    ['a channel that is not one', { type: 'SocialMessagingEventData', channel: 'Secret' }],
    ['no type', { id: 'i' }],
    ['nothing', null],
  ])('is refused with %s', (_name, metadata) => {
    expect(takes(metadata)).toBe(false);
  });
});

describe('the properties of a client', () => {
  it('come with whatever fields and values it has', () => {
    const properties = { type: '.ClientProperties', os: 'BEOS', features: ['TELEPATHY'], screen: { width: 1 } };
    expect(ClientPropertiesSchema.parse(properties)).toEqual(properties);
  });

  it.each([
    ['an application past 64 characters', { appId: letters(65) }],
    ['a version past 32 characters', { appVersion: letters(33) }],
    ['an address that is not one', { ipAddress: 'here' }],
    ['a system that is not one', { os: 'BEOS' }],
    ['a feature that is not one', { features: ['TELEPATHY'] }],
    ['a foreign key', { appID: 'a' }],
  ])('are not sent with %s', (_name, fields) => {
    const header = {
      type: '.ams.headers.ClientProperties',
      appId: 'a',
      appVersion: '1',
      ipAddress: '192.0.2.1',
      os: 'OTHER',
    };
    expect(ClientPropertiesHeaderSchema.safeParse(header).success).toBe(true);
    expect(ClientPropertiesHeaderSchema.safeParse({ ...header, ...fields }).success).toBe(false);
  });

  it('open a connection of a consumer together with its token', () => {
    const token = { type: '.ams.headers.ConsumerAuthentication', jwt: 'j' };
    const client = { type: '.ams.headers.ClientProperties', features: ['RICH_CONTENT'] };
    expect(InitConnectionHeadersSchema.safeParse([client, token]).success).toBe(true);
    expect(InitConnectionHeadersSchema.safeParse([{ ...token, jwt: letters(2049) }]).success).toBe(false);
    expect(InitConnectionHeadersSchema.safeParse([{ type: 'else' }]).success).toBe(false);
  });
});

describe('the requests of a consumer', () => {
  it.each([
    ['a conversation without a body', 'consumerRequestConversation', undefined, true],
    [
      'a conversation in no context',
      'consumerRequestConversation',
      { conversationContext: { type: 'Nowhere' } },
      false,
    ],
    ['a conversation with half a campaign', 'consumerRequestConversation', { campaignInfo: { campaignId: 1 } }, false],
    ['messages from before the first', 'subscribeDialogMessages', { dialogId: 'd', fromSeq: -1 }, false],
    ['messages of no dialog', 'subscribeDialogMessages', { fromSeq: 0 }, false],
  ] as const)('%s', (_name, request, body, success) => {
    expect(consumerRequestRegistry[request].body.safeParse(body).success).toBe(success);
  });
});

describe('a profile', () => {
  it('is read with attributes that are not known, and with encrypted ones', () => {
    const sdes = [
      { type: 'lead', lead: { topic: 't' } },
      { type: 'ctmrinfo', info: { balance: 5, vip: true } },
    ];
    expect(UserProfileSchema.parse({ claims: { lp_sdes: sdes } })).toEqual({ claims: { lp_sdes: sdes } });
    expect(UserProfileSchema.parse({ claims: { lp_sdes: 'c0ffee' } })).toEqual({ claims: { lp_sdes: 'c0ffee' } });
  });

  it('is read with attributes whose values are worded otherwise', () => {
    const sde = { type: 'personal', personal: { age: { year: '1815' }, contacts: { phone: 123 } } };
    expect(parseLenient(UserProfileSchema, { userId: 7, authenticatedData: { lp_sdes: sde } })).toEqual({
      ok: true,
      value: {
        userId: '7',
        authenticatedData: {
          lp_sdes: [{ type: 'personal', personal: { age: { year: 1815 }, contacts: [{ phone: '123' }] } }],
        },
      },
    });
  });
});
