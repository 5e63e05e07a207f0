import { describe, expect, it } from '@jest/globals';
import { decodeFrame } from '@lp/schemas';
import {
  consumerMessage,
  conversationId,
  firstNotification,
  foreignNotification,
  framesOf,
  historyOf,
  markOf,
  padded,
  timestamp,
  userOf,
} from '../src/server/frames.ts';
import { createTemplate, fill, put, type Template, textFrame } from '../src/server/template.ts';

const HEAD_BYTES = 4;

/** What a client reads of a frame of more than 125 and less than 65,536 bytes. */
function read(frame: Buffer) {
  expect(frame.readUInt16BE(2)).toBe(frame.length - HEAD_BYTES);
  return decodeFrame(frame.subarray(HEAD_BYTES).toString());
}

const user = userOf(3);
const { agentMessage, agentRead, conversationNotification } = framesOf(user);
const event = { conversation: conversationId(7), sequence: padded(42), time: timestamp(3) };

describe('the frames of the measuring server', () => {
  it.each([
    ['a consumer’s message', fill(consumerMessage, { ...event, mark: markOf(7, 1) })],
    ['the agent’s message', fill(agentMessage, { ...event, mark: markOf(7, 1) })],
    ['the agent’s read mark', fill(agentRead, { ...event, read: padded(41) })],
  ])('hold %s with the given numbers, as the schemas want it', (_, frame) => {
    expect(read(frame)).toMatchObject({
      kind: 'notification',
      known: true,
      topic: 'messaging',
      invalid: [],
      body: { sequence: 42, dialogId: conversationId(7), serverTimestamp: Number(timestamp(3)) },
    });
  });

  it('hold a conversation’s change, as the schemas want it', () => {
    const frame = fill(conversationNotification, { ...event, mark: markOf(7, 1) });
    expect(read(frame)).toMatchObject({
      topic: 'conversations',
      invalid: [],
      body: { changes: [{ result: { convId: conversationId(7), lastContentEventNotification: { sequence: 42 } } }] },
    });
  });

  it('have the documented sizes', () => {
    expect(Math.round(consumerMessage.frame.length / 100)).toBe(14);
    expect(Math.round(conversationNotification.frame.length / 100)).toBe(26);
  });

  it('hold a change of a conversation of others, whose ids are told by nothing else', () => {
    const frame = fill(foreignNotification, { ...event, mark: markOf(7, 1) });
    const [change] = (read(frame) as unknown as { body: { changes: { result: { conversationDetails: object } }[] } })
      .body.changes;
    expect(read(frame)).toMatchObject({ topic: 'conversations', invalid: [] });
    expect(JSON.stringify(change)).not.toContain(user.oldId);
    expect(change?.result.conversationDetails).toHaveProperty('participantsPId.MANAGER.length', 1);
  });

  it('show each conversation of a first notification with its own last message', () => {
    const decoded = decodeFrame(firstNotification(user, { subscriptionId: 's', from: 2, to: 5, lastSequence: 9 }));
    expect(decoded).toMatchObject({ topic: 'conversations', invalid: [] });
    expect(decoded).toHaveProperty('body.changes.length', 3);
    expect(decoded).toHaveProperty('body.changes.2.result.lastContentEventNotification.dialogId', conversationId(4));
  });

  it('hold a history in which all but the last message was answered', () => {
    const body = historyOf(user, 3, 10);
    expect(body.map((record) => (record as { sequence: number }).sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const response = { kind: 'resp', reqId: '1', code: 200, type: '.ams.ms.QueryMessages$Response', body };
    expect(decodeFrame(response)).toMatchObject({ kind: 'response', known: true, invalid: [] });
    expect(JSON.stringify(body.at(-1))).toContain(markOf(3, 0));
  });
});

describe('a template', () => {
  const template: Template<'id'> = createTemplate({ a: 'XXXX', b: ['XXXX'] }, { id: 'XXXX' });

  it('puts a value wherever its placeholder stands, and leaves the model as it is', () => {
    expect(fill(template, { id: 'abcd' }).subarray(2).toString()).toBe('{"a":"abcd","b":["abcd"]}');
    expect(template.frame.toString()).toContain('XXXX');
  });

  it('refuses a value of another width, which would break every frame after it', () => {
    expect(() => put(Buffer.alloc(10), 0, { offsets: [0], width: 4 }, 'abc')).toThrow('does not fit');
  });

  it('refuses a placeholder that is not there', () => {
    expect(() => createTemplate({ a: 1 }, { id: 'XXXX' })).toThrow('not in the frame');
  });

  it.each([
    [10, 2],
    [1_000, 4],
    [70_000, 10],
  ])('says the length of %d bytes in a head of %d', (length, head) => {
    const frame = textFrame('x'.repeat(length));
    expect(frame.length).toBe(head + length);
    expect(frame[0]).toBe(0x81);
  });
});
