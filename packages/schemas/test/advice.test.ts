import { describe, expect, it } from '@jest/globals';
import {
  adviceOn,
  ConversationSearchSchema,
  MetadataSchema,
  QuickRepliesSchema,
  RequestBodySchemas,
  RichContentSchema,
} from '../src/index.ts';

const button = (fields: object = {}) => ({ type: 'button', title: 'ok', ...fields });
const action = (fields: object) => button({ click: { actions: [fields] } });
const card = (...elements: unknown[]) => ({ type: 'vertical', elements });
const unknown = 'is not known here and goes out as it is';

/** Passes, and is told about. */
function adviceFor(content: unknown) {
  expect(RichContentSchema.parse(content)).toEqual(content);
  return adviceOn(RichContentSchema, content);
}

describe('advice on structured content', () => {
  it.each([
    [
      'text and a fallback on the card',
      { ...card({ type: 'text', text: 'a' }), text: 'Biz', metadata: { fallback: 'f' } },
    ],
    ['a fallback on a text', card({ type: 'text', text: 'a', metadata: { fallback: 'plain a' } })],
    ['the flags of interactivity on a card', { ...card(button()), blockSCWhenNotLastMsg: true, blockTextInput: true }],
    ['the flags on a button', card(button({ blockSCWhenNotLastMsg: true }))],
    ['accessibility', card({ type: 'text', text: 'a', accessibility: { web: { role: 'img', 'aria-label': 'x' } } })],
    ['the metadata of a click', card(button({ click: { metadata: [{ type: 'ExternalId', id: 'x' }] } }))],
  ])('is none for %s', (_name, content) => {
    expect(adviceFor(content)).toEqual([]);
  });

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])(
    'names a field called %s, which every object has by inheritance',
    (name) => {
      const field = (text: string) => JSON.parse(text.replace('NAME', name)) as never;
      const told = adviceOn(RichContentSchema, card(field('{"type":"text","text":"x","NAME":"Ferrari"}')));
      expect(told).toEqual([{ path: `elements.0.${name}`, advice: unknown }]);
      const metadata = adviceOn(MetadataSchema, field('{"type":"ExternalId","id":"1","NAME":"Ferrari"}'));
      expect(metadata).toEqual([{ path: name, advice: unknown }]);
    },
  );

  it.each([
    ['an element of another type', card({ type: 'hologram', depth: 3 }), 'elements.0.type'],
    ['a field of another name', { ...card(), '@type': 'card' }, '@type'],
    ['a field deep inside', card(card(button({ aura: 'x' }))), 'elements.0.elements.0.aura'],
    ['an action of another type', card(action({ type: 'explode' })), 'elements.0.click.actions.0.type'],
    ['metadata of another type', { ...card(), metadata: [{ type: 'ExternalCardId', id: 'x' }] }, 'metadata.0.type'],
    ['a whole of another type', { type: 'hologram' }, 'type'],
  ])('names %s by its place', (_name, content, path) => {
    expect(adviceFor(content)).toEqual([{ path, advice: unknown }]);
  });

  it.each([
    [
      'a text to publish',
      card(action({ type: 'publishText', text: 'x'.repeat(257) })),
      'elements.0.click.actions.0.text',
      256,
    ],
    [
      'a link',
      card(action({ type: 'link', uri: `https://a.example/${'x'.repeat(1020)}` })),
      'elements.0.click.actions.0.uri',
      1024,
    ],
    ['a carousel', { type: 'carousel', elements: Array.from({ length: 11 }, () => card()) }, 'elements', 10],
  ])('names %s that is longer than every channel shows', (_name, content, path, limit) => {
    expect(adviceFor(content)).toEqual([{ path, advice: `is longer than the ${limit} that every channel shows` }]);
  });

  it('names the titles of quick replies that are cut', () => {
    const replies = { type: 'quickReplies', replies: [button(), button({ title: 'x'.repeat(26) })] };
    expect(QuickRepliesSchema.parse(replies)).toEqual(replies);
    expect(adviceOn(QuickRepliesSchema, replies)).toEqual([
      { path: 'replies.1.title', advice: 'is longer than the 25 that every channel shows' },
    ]);
  });

  it('names metadata, events and content types that are not known, in a whole request too', () => {
    expect(adviceOn(MetadataSchema, { type: 'Gossip', id: 'x' })).toEqual([{ path: 'type', advice: unknown }]);
    const publish = (event: object) => adviceOn(RequestBodySchemas.publishEvent, { dialogId: 'd', event });
    expect(publish({ type: 'VoiceEvent' })).toEqual([{ path: 'event.type', advice: unknown }]);
    expect(publish({ type: 'ContentEvent', contentType: 'audio/ogg' })).toEqual([
      { path: 'event.contentType', advice: unknown },
    ]);
    expect(publish({ type: 'ContentEvent', contentType: 'text/plain', message: 'hi', mood: 1 })).toEqual([
      { path: 'event.mood', advice: unknown },
    ]);
    expect(publish({ type: 'ContentEvent', contentType: 'text/plain', message: 'hi' })).toEqual([]);
  });

  it('never holds a value', () => {
    const secret = 'hunter2';
    const found = adviceFor({ ...card({ type: secret, text: secret }), extra: secret });
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain(secret);
  });
});

it('names a value that an open list does not know, by its place', () => {
  const search = { conversationId: 'c', contentToRetrieve: ['summary', 'gossip', 'intents'] };
  expect(ConversationSearchSchema.parse(search)).toEqual(search);
  expect(adviceOn(ConversationSearchSchema, search)).toEqual([{ path: 'contentToRetrieve.1', advice: unknown }]);
});
