import { describe, expect, it } from '@jest/globals';
import type * as z from 'zod';
import {
  ConversationChangeSchema,
  EventSchema,
  MessagingEventSchema,
  parseLenient,
  RingDetailsSchema,
  type SchemaIssue,
} from '../src/index.ts';
import { agentTextRecord, CONVERSATION, conversationResult } from './fixtures/notifications.ts';

function issuesOf(schema: z.ZodType, value: unknown): readonly SchemaIssue[] {
  const result = parseLenient(schema, value);
  return result.ok ? [] : result.issues;
}

describe('an event is read by its kind, so that a refusal names what that kind lacks', () => {
  it.each([
    [{ type: 'ContentEvent', contentType: 'text/plain' }, 'message', 'string'],
    [{ type: 'ContentEvent', contentType: 'hosted/file', message: {} }, 'message.relativePath', 'string'],
    [{ type: 'ContentEvent', contentType: 'hosted/file', message: 'text' }, 'message', 'object'],
    [{ type: 'ContentEvent', contentType: 'forms/secure-invitation', message: {} }, 'message.invitationId', 'string'],
    [{ type: 'ContentEvent', contentType: 'forms/secure-submission', message: {} }, 'message.invitationId', 'string'],
    [{ type: 'RichContentEvent' }, 'content', 'object'],
    [{ type: 'RichContentEvent', content: 'no JSON' }, 'content', 'object'],
    [{ type: 'AcceptStatusEvent', status: 'READ' }, 'sequenceList', 'array'],
    [{ type: 'AcceptStatusEvent', sequenceList: [1] }, 'status', 'string'],
    [{ type: 'AcceptStatusEvent', status: 'READ', sequenceList: [1, 'x'] }, 'sequenceList.1', 'number'],
    [{ type: 'ChatStateEvent' }, 'chatState', 'string'],
    [{}, 'type', 'string'],
    [{ type: null }, 'type', 'string'],
  ])('%j', (event, path, expected) => {
    expect(issuesOf(EventSchema, event)).toEqual([{ path, expected }]);
  });

  it('and what no kind names stays', () => {
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'm', translation: { en: 'm' } };
    expect(EventSchema.parse(event)).toEqual(event);
  });

  it('and content without a kind is content of another kind', () => {
    const event = { type: 'ContentEvent', message: 'm' };
    expect(EventSchema.parse(event)).toEqual(event);
  });

  it('and a number for a kind is a kind', () => {
    expect(parseLenient(EventSchema, { type: 7 })).toEqual({ ok: true, value: { type: '7' } });
    expect(parseLenient(EventSchema, { type: 'ContentEvent', contentType: 7 })).toEqual({
      ok: true,
      value: { type: 'ContentEvent', contentType: '7' },
    });
  });
});

describe('a record of an event', () => {
  it.each([
    ['no dialog', { dialogId: undefined }, 'dialogId', 'string'],
    ['no event', { event: undefined }, 'event', 'object'],
    ['a sequence that is not one', { sequence: 'first' }, 'sequence', 'number'],
    ['metadata that is not one', { metadata: [{ type: {} }] }, 'metadata.0.type', 'string'],
    ['a role that is not one', { originatorMetadata: { role: [] } }, 'originatorMetadata.role', 'string'],
  ])('is refused with %s', (_name, fields, path, expected) => {
    expect(issuesOf(MessagingEventSchema, { ...agentTextRecord, ...fields })).toEqual([{ path, expected }]);
  });

  it.each([
    ['no sequence and no time', { sequence: undefined, serverTimestamp: undefined }],
    ['nobody who caused it', { originatorId: undefined, originatorPId: undefined, originatorMetadata: undefined }],
    ['metadata that is null', { metadata: null }],
    ['an audience that is new', { messageAudience: 'BOTS' }],
    ['a role that is new', { originatorMetadata: { id: 'i', role: 'ORACLE' } }],
    ['its conversation', { conversationId: CONVERSATION }],
  ])('is taken with %s', (_name, fields) => {
    const record = { ...agentTextRecord, ...fields };
    expect(MessagingEventSchema.parse(record)).toEqual(record);
  });
});

describe('a change of a conversation', () => {
  const change = (details: object) => ({
    type: 'UPSERT',
    result: { convId: CONVERSATION, conversationDetails: details },
  });

  it.each([
    ['a state that is new', { state: 'PAUSED', stage: 'LIMBO' }],
    ['participants in a role that is new', { participants: { ORACLE: ['o'] } }],
    ['a dialog of a channel that is new', { dialogs: [{ dialogId: 'd', channelType: 'SMOKE', dialogType: 'SIGNAL' }] }],
    [
      'a participant in a state that is new',
      { dialogs: [{ dialogId: 'd', participantsDetails: [{ id: 'i', role: 'R', state: 'MUTED' }] }] },
    ],
    ['an urgency without a name', { ttr: { ttrType: '', value: 1 } }],
    ['no details at all', {}],
  ])('is taken with %s', (_name, details) => {
    expect(ConversationChangeSchema.parse(change(details))).toEqual(change(details));
  });

  it.each([
    ['a dialog without an id', { dialogs: [{ state: 'OPEN' }] }, 'dialogs.0.dialogId', 'string'],
    ['a participant without an id', { participants: [{ role: 'MANAGER' }] }, 'participants.0.id', 'string'],
    ['participants that are no ids', { participants: { MANAGER: [{}] } }, 'participants.MANAGER.0', 'string'],
    ['a time that is not one', { startTs: 'yesterday' }, 'startTs', 'number'],
  ])('is refused with %s', (_name, details, path, expected) => {
    expect(issuesOf(ConversationChangeSchema, change(details))).toEqual([
      { path: `result.conversationDetails.${path}`, expected },
    ]);
  });

  it('is taken with a newest event that does not name its dialog', () => {
    const { dialogId: _, ...last } = agentTextRecord;
    const value = { type: 'UPSERT', result: { ...conversationResult, lastContentEventNotification: last } };
    expect(ConversationChangeSchema.parse(value)).toEqual(value);
  });
});

describe('a ring', () => {
  it('is taken in a state that is new, and with texts for its numbers', () => {
    const ring = { ringId: 'r', ringState: 'ECHOING', ringExpiration: '72000', weight: 1, convId: 'c' };
    expect(parseLenient(RingDetailsSchema, ring)).toEqual({ ok: true, value: { ...ring, ringExpiration: 72_000 } });
  });

  it('is refused without an id or a state', () => {
    expect(issuesOf(RingDetailsSchema, {})).toEqual([
      { path: 'ringId', expected: 'string' },
      { path: 'ringState', expected: 'string' },
    ]);
  });
});
