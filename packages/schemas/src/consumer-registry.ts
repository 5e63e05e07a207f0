import * as z from 'zod';
import { ClientPropertiesHeaderSchema } from './client-properties.ts';
import { looseObject, strictObject } from './objects.ts';
import { optionalText } from './primitives.ts';
import { genericSubscribeTypes, type RequestRow } from './registry.ts';
import { EmptyBodySchema } from './requests.ts';
import { ConversationResponseSchema, GenericSubscribeResponseSchema, TextResponseSchema } from './responses.ts';

const id = z.string().min(1);
const text = ['StringResponse'] as const;

/** The `headers` of InitConnection: who the client is, and the consumer's token. */
export const InitConnectionHeadersSchema = z
  .array(
    z.discriminatedUnion('type', [
      ClientPropertiesHeaderSchema,
      strictObject(() => ({
        type: z.literal('.ams.headers.ConsumerAuthentication'),
        jwt: z.string().min(1).max(2048),
      })),
    ]),
  )
  .max(2);
export type InitConnectionHeaders = z.infer<typeof InitConnectionHeadersSchema>;

const ConsumerRequestConversationBodySchema = strictObject(() => ({
  ttrDefName: z.enum(['NORMAL', 'URGENT', 'PRIORITIZED', 'CUSTOM']).nullish(),
  channelType: z.literal('MESSAGING').optional(),
  skillId: id.optional(),
  brandId: id.optional(),
  campaignInfo: z.strictObject({ campaignId: z.number(), engagementId: z.number() }).optional(),
  conversationContext: z
    .looseObject({
      type: z.enum([
        'SharkContext',
        'FacebookContext',
        'CustomContext',
        'MobileAppContext',
        'SMSContext',
        'ProactiveContext',
        'VoiceContext',
      ]),
      lang: optionalText,
      visitorId: optionalText,
      sessionId: optionalText,
      interactionContextId: optionalText,
    })
    .optional(),
})).optional();

const SetUserProfileBodySchema = looseObject(() => ({
  firstName: optionalText,
  lastName: optionalText,
  nickName: optionalText,
  avatarUrl: optionalText,
  role: optionalText,
  backgndImgUri: optionalText,
  description: optionalText,
  privateData: z.looseObject({}).optional(),
  authenticatedData: z.looseObject({ lp_sdes: z.array(z.looseObject({ type: z.string() })).optional() }).optional(),
}));

/** The requests that only a consumer's connection makes, for services and simulators that speak its dialect. */
export const consumerRequestRegistry = {
  initConnection: {
    type: 'InitConnection',
    body: EmptyBodySchema.optional(),
    response: TextResponseSchema,
    responseTypes: text,
    idempotent: true,
    description: 'Says who the client is, in the headers, where the upgrade could not.',
  },
  keepAlive: {
    type: 'KeepAlive',
    body: EmptyBodySchema.optional(),
    response: TextResponseSchema,
    responseTypes: text,
    idempotent: true,
    description: 'Keeps the connection from being closed for idleness.',
  },
  consumerRequestConversation: {
    type: '.ams.cm.ConsumerRequestConversation',
    typeV3: 'cm.ConsumerRequestConversation',
    body: ConsumerRequestConversationBodySchema,
    response: ConversationResponseSchema,
    responseTypes: ['.ams.cm.RequestConversation$Response', 'cm.RequestConversationResponse'],
    idempotent: false,
    description: 'Opens a conversation with the brand. A consumer may have one open conversation.',
  },
  setUserProfile: {
    type: '.ams.userprofile.SetUserProfile',
    typeV3: 'userprofile.SetUserProfile',
    body: SetUserProfileBodySchema,
    response: TextResponseSchema,
    responseTypes: text,
    idempotent: true,
    description: "Sets the consumer's profile.",
  },
  subscribeDialogMessages: {
    type: 'ms.SubscribeMessagingEvents',
    body: strictObject(() => ({ dialogId: id, conversationId: id.optional(), fromSeq: z.int().min(0).optional() })),
    response: GenericSubscribeResponseSchema,
    responseTypes: genericSubscribeTypes,
    idempotent: true,
    description: 'Subscribes to the messages of a dialog: those from a sequence on, then the live ones.',
  },
} as const satisfies Record<string, RequestRow>;

/** The name of a consumer's request. */
export type ConsumerRequestName = keyof typeof consumerRequestRegistry;
