import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { adviceOn, QuickRepliesSchema, RichContentSchema } from '@lp/schemas';
import { button, card, carousel, image, link, map, quickReplies, say, text } from '../../src/content.ts';
import { holdsItself, nested } from '../support/odd-content.ts';

const letters = (count: number) => 'x'.repeat(count);
const picture = image('https://cdn.example/7.png');

describe('quick replies', () => {
  it('are made of titles, as they go on the wire', () => {
    expect(quickReplies(['Yes', 'No'])).toEqual({
      type: 'quickReplies',
      itemsPerRow: 8,
      replies: [
        { type: 'button', title: 'Yes', click: { actions: [{ type: 'publishText', text: 'Yes' }] } },
        { type: 'button', title: 'No', click: { actions: [{ type: 'publishText', text: 'No' }] } },
      ],
    });
  });

  it('carry an id, a text of their own and how many stand in a row', () => {
    expect(quickReplies([{ title: 'Yes', id: 'yes', say: 'Yes, please' }], { perRow: 2 })).toEqual({
      type: 'quickReplies',
      itemsPerRow: 2,
      replies: [
        {
          type: 'button',
          title: 'Yes',
          click: {
            actions: [{ type: 'publishText', text: 'Yes, please' }],
            metadata: [{ type: 'ExternalId', id: 'yes' }],
          },
        },
      ],
    });
  });

  it.each<[string, () => unknown, string]>([
    ['none', () => quickReplies([]), 'quickReplies: 0 replies; 1 to 24 can be shown'],
    [
      'too many',
      () => quickReplies(Array.from({ length: 25 }, () => 'x')),
      'quickReplies: 25 replies; 1 to 24 can be shown',
    ],
    [
      'a title that is cut',
      () => quickReplies(['a', 'b', letters(31)]),
      'quickReplies: reply 3 has a title of 31 characters; 25 are shown',
    ],
    [
      'a blank title',
      () => quickReplies(['a', ' ']),
      'quickReplies: reply 2 has a title without a character that shows',
    ],
    [
      'a title that is not one',
      () => quickReplies([7 as never]),
      'quickReplies: reply 1 has a title that is not a text',
    ],
    [
      'a reply that is nothing',
      () => quickReplies(['a', null as never]),
      'quickReplies: reply 2 has a title that is not a text',
    ],
    [
      'a long id',
      () => quickReplies([{ title: 'a', id: letters(65) }]),
      'quickReplies: an id of 65 characters; 64 are shown',
    ],
    ['a row of nine', () => quickReplies(['a'], { perRow: 9 }), 'quickReplies: itemsPerRow must be at most 8'],
    ['no list', () => quickReplies('Yes' as never), 'quickReplies: the replies must be a list'],
    [
      'an unknown channel',
      () => quickReplies(['a'], { channel: 'fax' as never }),
      "quickReplies: channel must be 'web' | 'whatsapp'",
    ],
    [
      'more than a channel shows',
      () =>
        quickReplies(
          Array.from({ length: 14 }, () => 'x'),
          { channel: 'facebook' },
        ),
      'quickReplies: 14 replies; 1 to 13 can be shown',
    ],
    [
      'a title that a channel cuts',
      () => quickReplies([letters(21)], { channel: 'whatsapp' }),
      'quickReplies: reply 1 has a title of 21 characters; 20 are shown',
    ],
  ])('are refused with %s', (_name, make, message) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });

  it('may be longer where a channel shows more', () => {
    expect(quickReplies([letters(127)], { channel: 'facebook' }).replies).toHaveLength(1);
  });
});

describe('structured content', () => {
  it('is a card of what is given, in the order in which it is shown', () => {
    const buy = button('Buy', { id: 'buy-7' });
    const more = button('More', link('https://shop.example/7', { target: 'blank' }), { id: 'more' });
    expect(card({ image: picture, title: 'Blue', text: '12 €', buttons: [buy, more] })).toEqual({
      type: 'vertical',
      elements: [
        { type: 'image', url: 'https://cdn.example/7.png' },
        { type: 'text', text: 'Blue', style: { bold: true } },
        { type: 'text', text: '12 €' },
        {
          type: 'button',
          title: 'Buy',
          click: { actions: [{ type: 'publishText', text: 'Buy' }], metadata: [{ type: 'ExternalId', id: 'buy-7' }] },
        },
        {
          type: 'button',
          title: 'More',
          click: {
            actions: [{ type: 'link', uri: 'https://shop.example/7', target: 'blank' }],
            metadata: [{ type: 'ExternalId', id: 'more' }],
          },
        },
      ],
    });
  });

  // verifies: content:refused
  it.each<[string, () => unknown, string]>([
    [
      'a picture in clear',
      () => image('http://cdn.example/7.png'),
      'image: url must be an address that begins with https://',
    ],
    ['a picture from nowhere', () => image('7.png'), 'image: url must be an address that begins with https://'],
    ['a link that runs code', () => link('javascript:alert(1)'), 'link: uri must be a link that opens'],
    ...[
      ' ',
      'nope',
      '/path',
      'www.shop.example/x',
      'https://',
      'https://exa mple.com',
      'file:///etc/hosts',
      'blob:x',
    ].map((uri): [string, () => unknown, string] => [
      `a link to ${uri}`,
      () => link(uri),
      'link: uri must be a whole address',
    ]),
    ['a text of blanks', () => text(' '), 'text: a text without a character that shows'],
    ['a place that is nowhere', () => map(200, 0), 'map: a latitude is from -90 to 90 degrees'],
    ['a card of nothing', () => card({}), 'card: 0 parts; 1 to 256 can be shown'],
    ['one card to leaf through', () => carousel([card({ text: 'a' })]), 'carousel: 1 cards; 2 to 10 can be shown'],
    ['a long button', () => button(letters(129)), 'button: a title of 129 characters; 128 are shown'],
    ['a text of more than 5,000', () => text(letters(5001)), 'text: text must be at most 5000 characters'],
    ['nothing to say', () => button('a', say(letters(5001))), 'say: text must be at most 5000 characters'],
    [
      'a button that a channel cuts',
      () => card({ text: 'a', buttons: [button(letters(21))], channel: 'whatsapp' }),
      'card: button 1 has a title of 21 characters; 20 are shown',
    ],
    [
      'a button that is nothing',
      () => card({ text: 'a', buttons: [null as never] }),
      'card: button 1 must be made by button',
    ],
    [
      'a card that holds itself',
      () => carousel([holdsItself(), holdsItself()]),
      'carousel: it cannot be written as JSON: nothing in it may hold itself',
    ],
    [
      'an action that holds itself',
      () => button('a', { ...say('a'), more: holdsItself() } as never),
      'button: it cannot be written as JSON: nothing in it may hold itself',
    ],
    [
      'a picture without an end',
      () => card({ image: nested(20_000) }),
      'card: it cannot be written as JSON: nothing in it may hold itself, be a BigInt, lie thousands',
    ],
    [
      'a number that JSON does not have',
      () => card({ image: { ...picture, size: 1n } as never }),
      'card: it cannot be written as JSON',
    ],
    [
      'more than the platform takes',
      () => carousel(Array.from({ length: 4 }, () => card({ text: letters(4000) }))),
      'characters as JSON; the platform takes 15000',
    ],
  ])('is refused with %s', (_name, make, message) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });

  it.each([
    ['a card', card({ image: picture, title: 'a', text: 'b', buttons: [button('c', { id: 'd' })] })],
    ['a carousel', carousel([card({ text: 'a' }), card({ text: 'b' })])],
    ['a place', map(52.5, 13.4)],
    ['a button that says something else', button('Yes', { say: 'Yes, please' })],
  ])('is taken by the schemas without advice, frozen, and JSON as it stands: %s', (_name, content) => {
    expect(RichContentSchema.parse(content)).toEqual(content);
    expect(adviceOn(RichContentSchema, content)).toEqual([]);
    expect(JSON.parse(JSON.stringify(content))).toEqual(content);
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(content)).toBe(true);
    expect(frozen(quickReplies(['a']))).toBe(true);
    expect(adviceOn(QuickRepliesSchema, quickReplies(['a']))).toEqual([]);
  });
});
