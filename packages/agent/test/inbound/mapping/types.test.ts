import { describe, expect, it } from '@jest/globals';
import type * as schemas from '@lp/schemas';
import {
  type DecodedFrame,
  decodeFrame,
  type Event,
  type InboundMetadata,
  type Metadata,
  type MetadataSchema,
  type NotificationSchemas,
  type RequestBody,
  type RequestName,
  RequestTypes,
  type ResponseBody,
  type RichContent,
  type RichContentSchema,
  type Role,
} from '@lp/schemas';
import type * as z from 'zod';
import { notifications } from '../../../../schemas/test/fixtures/notifications.ts';
import {
  type AgentStateChange,
  type ConversationChange,
  type ConversationDetails,
  completeRequestBody,
  type MessagingEvent,
  type Participant,
  type RequestInput,
  type RoutingTaskChange,
} from '../../../src/inbound/mapping/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Same<A, B> = [A, B] extends [B, A] ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
/** Compiles only for true: what is tested here is tested by the compiler. */
const holds = <_T extends true>(): true => true;

/** The paths of a type that are `any`, one level of lists and objects after the other. */
type AnyIn<T, Depth extends 1[] = []> =
  IsAny<T> extends true
    ? true
    : Depth['length'] extends 5
      ? never
      : T extends readonly (infer I)[]
        ? AnyIn<I, [...Depth, 1]>
        : T extends object
          ? { [K in keyof T]-?: AnyIn<NonNullable<T[K]>, [...Depth, 1]> }[keyof T]
          : never;
type HasAny<T> = Equal<AnyIn<T>, never> extends true ? false : true;

describe('the public types', () => {
  it('hold no `any`', () => {
    expect(holds<Equal<HasAny<{ a: { b: z.infer<z.ZodAny>[] } }>, true>>()).toBe(true);
    expect(holds<Equal<HasAny<MessagingEvent>, false>>()).toBe(true);
    expect(holds<Equal<HasAny<ConversationChange>, false>>()).toBe(true);
    expect(holds<Equal<HasAny<RoutingTaskChange>, false>>()).toBe(true);
    expect(holds<Equal<HasAny<AgentStateChange>, false>>()).toBe(true);
    expect(holds<Equal<HasAny<{ [N in RequestName]: RequestBody<N> }>, false>>()).toBe(true);
    expect(holds<Equal<HasAny<{ [N in RequestName]: RequestInput<N> }>, false>>()).toBe(true);
    expect(holds<Equal<HasAny<{ [N in RequestName]: ResponseBody<N> }>, false>>()).toBe(true);
    expect(holds<Equal<HasAny<DecodedFrame>, false>>()).toBe(true);
  });

  it('follow from the schemas', () => {
    expect(holds<Equal<RichContent, z.infer<typeof RichContentSchema>>>()).toBe(true);
    expect(holds<Equal<Metadata, z.infer<typeof MetadataSchema>>>()).toBe(true);
    expect(holds<Equal<keyof typeof RequestTypes, RequestName>>()).toBe(true);
    expect(holds<Equal<(typeof RequestTypes)['getClock'], '.GetClock'>>()).toBe(true);
    expect(holds<Equal<ResponseBody<'updateRingState'>, string>>()).toBe(true);
    expect(holds<Equal<ResponseBody<'getClock'>['currentTime'], number>>()).toBe(true);
  });

  it('are named after their schemas', () => {
    expect(holds<Equal<schemas.MessagingEvent, z.infer<typeof schemas.MessagingEventSchema>>>()).toBe(true);
    expect(holds<Equal<schemas.ConversationDetails, z.infer<typeof schemas.ConversationDetailsSchema>>>()).toBe(true);
    expect(holds<Equal<schemas.QuickReplies, z.infer<typeof schemas.QuickRepliesSchema>>>()).toBe(true);
    expect(holds<Equal<schemas.ClientProperties, z.infer<typeof schemas.ClientPropertiesSchema>>>()).toBe(true);
    expect(holds<Equal<schemas.UserProfile, z.infer<typeof schemas.UserProfileSchema>>>()).toBe(true);
    expect(holds<Equal<schemas.ConversationChange, z.infer<typeof schemas.ConversationChangeSchema>>>()).toBe(true);
  });

  it('let unknown values pass where the platform may add some, and known ones be completed', () => {
    expect(holds<'SOMETHING_NEW' extends Role ? true : false>()).toBe(true);
    expect(holds<Equal<Role, string> extends true ? false : true>()).toBe(true);
    expect(holds<Equal<ConversationDetails['participants'], readonly Participant[]>>()).toBe(true);
    expect(holds<Equal<ConversationDetails['skillId'], string | undefined>>()).toBe(true);
    expect(holds<Equal<MessagingEvent['metadata'], InboundMetadata[] | null | undefined>>()).toBe(true);
  });

  it('make optional what is filled in, and nothing else', () => {
    expect(holds<{ availability: 'ONLINE' } extends RequestInput<'setAgentState'> ? true : false>()).toBe(true);
    expect(holds<{ agentUserId: 'a.1' } extends RequestInput<'setAgentState'> ? false : true>()).toBe(true);
    expect(holds<string extends RequestInput<'getUserProfile'> ? true : false>()).toBe(true);
    expect(holds<Equal<RequestInput<'publishEvent'>, RequestBody<'publishEvent'>>>()).toBe(true);
    const field = { field: 'ParticipantsChange', type: 'ADD', role: 'MANAGER' } as const;
    const identity = { accountId: 'a', userId: '1', oldId: 'a.1', agentId: undefined };
    const body = completeRequestBody(
      'updateConversationField',
      { conversationId: 'c', conversationField: field },
      identity,
    );
    expect(body.conversationField).toEqual({ ...field, userId: 'a.1' });
    const change = (conversationField: RequestInput<'updateConversationField'>['conversationField']) =>
      conversationField;
    // @ts-expect-error a role that is not one
    change({ field: 'ParticipantsChange', type: 'ADD', role: 'BOSS' });
    // @ts-expect-error no role
    change({ field: 'ParticipantsChange', type: 'ADD' });
    // @ts-expect-error a key that is not one
    change({ field: 'ParticipantsChange', type: 'ADD', role: 'MANAGER', user: 'a.1' });
    // @ts-expect-error an availability that is not one
    completeRequestBody('setAgentState', { availability: 'BUSY' }, identity);
    // @ts-expect-error a ring that is not named
    completeRequestBody('updateRingState', { ringState: 'ACCEPTED' }, identity);
  });

  it('tell events apart by their type and content type', () => {
    const describeEvent = (event: Event): string => {
      if (event.type === 'ContentEvent') {
        if (event.contentType === 'text/plain') return event.message.toUpperCase();
        if (event.contentType === 'hosted/file') return event.message.relativePath;
        if (event.contentType === 'forms/secure-invitation') return event.message.invitationId;
        return 'other content';
      }
      switch (event.type) {
        case 'RichContentEvent':
          return event.content.type ?? 'rich';
        case 'AcceptStatusEvent':
          return event.sequenceList.map((sequence) => sequence.toFixed()).join();
        case 'ChatStateEvent':
          return event.chatState;
        default: {
          const type: string = event.type;
          return type;
        }
      }
    };
    const described = Object.values(notifications).flatMap((frame) => {
      const decoded = decodeFrame(frame);
      return decoded.kind === 'notification' &&
        decoded.known &&
        decoded.topic === 'messaging' &&
        'event' in decoded.body
        ? [describeEvent(decoded.body.event as Event)]
        : [];
    });
    expect(described).toEqual([
      'WHERE IS MY PARCEL',
      'ON ITS WAY',
      'YES OR NO',
      '/v1/AUTH_async-images/acme4711/1.JPG',
      'other content',
      'i-1',
      'other content',
      'other content',
      'vertical',
      '0,1,4',
      '0',
      'COMPOSING',
      'VoiceEvent',
      'ON ITS WAY',
    ]);
  });

  it('tell decoded frames apart by kind, knowledge and topic', () => {
    const decoded: DecodedFrame = decodeFrame(notifications['a ring that waits']);
    if (decoded.kind !== 'notification' || !decoded.known || decoded.topic !== 'routingTasks')
      throw new Error('not a ring');
    expect(
      holds<Same<typeof decoded.body, z.infer<(typeof NotificationSchemas)['rs.RoutingTaskNotification']>>>(),
    ).toBe(true);
    expect(decoded.body.changes[0]?.result.ringsDetails?.[0]?.ringState).toBe('WAITING');
  });
});
