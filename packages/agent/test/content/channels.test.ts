import { describe, expect, it } from '@jest/globals';
import { RichContentValidator } from '@livepersoninc/rich-content-validator';
import { ConfigError } from '@lp/core';
import { type ClickAction, QuickRepliesSchema, RichContentSchema } from '@lp/schemas';
import fc from 'fast-check';
import { button, type Card, type Channel, card, carousel, image, link, quickReplies } from '../../src/content.ts';

/** As the vendor's validator calls them. */
const NAMES = {
  web: 'web',
  whatsapp: 'whatsapp',
  apple: 'appleBusinessChat',
  rcs: 'rcsBusinessMessaging',
  gbm: 'gbm',
  facebook: 'facebook',
  line: 'line',
  viber: 'viber',
} as const satisfies Record<Channel, string>;
const CHANNELS = Object.keys(NAMES) as Channel[];
const validators = Object.fromEntries(
  CHANNELS.map((channel) => [channel, new RichContentValidator({ channel: NAMES[channel] })]),
) as Record<Channel, RichContentValidator>;

/** What the validator has against content, in words. It sorts what it is given in place, so that it gets a copy. */
function against(channel: Channel, content: object): string {
  const copy = JSON.parse(JSON.stringify(content)) as { type: string };
  // It has a schema for Apple's quick replies, up to 13 of them, and yet refuses all: the pages name them.
  if (channel === 'apple' && copy.type === 'quickReplies') return '';
  const validator = validators[channel];
  const { valid, errors } =
    copy.type === 'quickReplies' ? validator.validateQuickReply(copy) : validator.validateBody(copy);
  if (valid) return '';
  return typeof errors === 'string' ? errors : (errors ?? []).map((one) => `${one.dataPath} ${one.message}`).join('; ');
}

/** `yes`, or what the builder says against it; throws where the validator has something against what is built. */
function verdict(channel: Channel | undefined, make: () => object): string {
  let content: object;
  try {
    content = make();
  } catch (error) {
    if (!ConfigError.isInstance(error)) throw error;
    return error.message;
  }
  const found = against(channel ?? 'web', content);
  if (found !== '') throw new Error(`${channel} refuses ${JSON.stringify(content)}: ${found}`);
  const schema = (content as { type: string }).type === 'quickReplies' ? QuickRepliesSchema : RichContentSchema;
  expect(schema.parse(content)).toEqual(content);
  return 'yes';
}

const letters = (count: number) => 'x'.repeat(count);
const picture = image('https://cdn.example/7.png');
const buy = (n = 1) => button(`Buy ${n}`);
const alt = 'A card';
const full = (channel?: Channel, more: Card = {}) =>
  card({ image: picture, title: 'Blue', text: '12 €', buttons: [buy()], alt, channel, ...more });

const YES = 'yes';
type Expected = Partial<Record<Channel, string>>;

// What is not named is to be built, and to pass.
const TABLE: [string, (channel: Channel) => object, Expected][] = [
  ['a card of all parts', (channel) => full(channel), {}],
  ['a card without alt', (channel) => full(channel, { alt: undefined }), { line: 'card: no alt; line needs it' }],
  ['a card without a picture', (channel) => full(channel, { image: undefined }), {}],
  ['a card without a title', (channel) => full(channel, { title: undefined }), {}],
  ['a card without a text', (channel) => full(channel, { text: undefined }), { line: 'card: no text; line needs it' }],
  [
    'a card without a button',
    (channel) => full(channel, { buttons: [] }),
    { facebook: 'card: 0 buttons; 1 to 3 can be shown', line: 'card: 0 buttons; 1 to 4 can be shown' },
  ],
  [
    'a card of words',
    (channel) => card({ title: 'Blue', text: '12 €', alt, channel }),
    { line: 'card: 0 buttons; 1 to 4 can be shown' },
  ],
  [
    'a card of one text',
    (channel) => card({ text: '12 €', alt, channel }),
    { facebook: 'card: 0 buttons; 1 to 3 can be shown', line: 'card: 0 buttons; 1 to 4 can be shown' },
  ],
  [
    'a card of a picture',
    (channel) => card({ image: picture, alt, channel }),
    {
      whatsapp: 'card: no title and no text; whatsapp needs it in a card',
      facebook: 'card: no title and no text; facebook needs it in a card',
      line: 'card: no text; line needs it in a card',
    },
  ],
  [
    'a card of a button',
    (channel) => card({ buttons: [buy()], alt, channel }),
    {
      whatsapp: 'card: no title and no text; whatsapp needs it in a card',
      rcs: 'card: no image and no title and no text; rcs needs it in a card',
      gbm: 'card: no image and no title and no text; gbm needs it in a card',
      facebook: 'card: no title and no text; facebook needs it in a card',
      line: 'card: no text; line needs it in a card',
    },
  ],
  [
    'a card with four buttons',
    (channel) => full(channel, { buttons: [buy(1), buy(2), buy(3), buy(4)] }),
    { facebook: 'card: 4 buttons; 1 to 3 can be shown' },
  ],
  [
    'a card with five buttons',
    (channel) => full(channel, { buttons: [buy(1), buy(2), buy(3), buy(4), buy(5)] }),
    {
      whatsapp: 'card: 5 buttons; 0 to 4 can be shown',
      rcs: 'card: 5 buttons; 0 to 4 can be shown',
      gbm: 'card: 5 buttons; 0 to 4 can be shown',
      facebook: 'card: 5 buttons; 1 to 3 can be shown',
      line: 'card: 5 buttons; 1 to 4 can be shown',
      viber: 'card: 8 parts; 1 to 7 can be shown',
    },
  ],
  [
    'a title of 101',
    (channel) => full(channel, { title: letters(101) }),
    {
      whatsapp: 'card: a title of 101 characters; 100 are shown',
      facebook: 'card: a title of 101 characters; 80 are shown',
      line: 'card: a title of 101 characters; 40 are shown',
    },
  ],
  [
    'a text of 640 with a button alone',
    (channel) => card({ text: letters(640), buttons: [buy()], alt, channel }),
    { line: 'card: a text of 640 characters; 120 are shown' },
  ],
  ['a text of 120 with a button alone', (channel) => card({ text: letters(120), buttons: [buy()], alt, channel }), {}],
  [
    'a text of 120 below a title',
    (channel) => full(channel, { text: letters(120) }),
    {
      facebook: 'card: a text of 120 characters; 80 are shown',
      line: 'card: a text of 120 characters; 60 are shown',
    },
  ],
  [
    'a button with an id',
    (channel) => full(channel, { buttons: [button('Buy', { id: 'buy', channel })] }),
    { whatsapp: 'button: an id; whatsapp takes none: a press is told by its text' },
  ],
  [
    'a button with an id that was made for none',
    (channel) => full(channel, { buttons: [button('Buy', { id: 'buy' })] }),
    { whatsapp: 'card: button 1 has an id; whatsapp takes none: a press is told by its text' },
  ],
  [
    'a button that opens a page',
    (channel) => full(channel, { buttons: [button('More', link('https://a.example/'), { channel })] }),
    { whatsapp: 'button: an action of a kind that whatsapp has not, which takes publishText' },
  ],
  [
    'a button that opens a place',
    (channel) => full(channel, { buttons: [button('There', { type: 'navigate', la: 1, lo: 2 })] }),
    {
      whatsapp: 'card: button 1 has an action of a kind that whatsapp has not, which takes publishText',
      line: 'card: button 1 has an action of a kind that line has not, which takes publishText, link',
      viber: 'card: button 1 has an action of a kind that viber has not, which takes publishText, link',
    },
  ],
  [
    'a link that is no URI',
    (channel) => full(channel, { buttons: [button('More', link('https://a.example/ä b'))] }),
    {
      ...(Object.fromEntries(CHANNELS.map((one) => [one, 'card: button 1 has a link that is no URI'])) as Expected),
      whatsapp: 'card: button 1 has an action of a kind',
    },
  ],
  [
    'a button with two actions',
    (channel) => {
      const actions: ClickAction[] = [
        { type: 'publishText', text: 'a' },
        { type: 'publishText', text: 'b' },
      ];
      return full(channel, { buttons: [{ type: 'button', title: 'Buy', click: { actions } }] });
    },
    {
      whatsapp: 'card: button 1 has 2 actions; whatsapp takes 1 to 1',
      viber: 'card: button 1 has 2 actions; viber takes 1 to 1',
    },
  ],
  [
    'a picture with a long address',
    (channel) => full(channel, { image: image(`https://cdn.example/${letters(1000)}`) }),
    Object.fromEntries(
      ['whatsapp', 'gbm', 'line'].map((one) => [one, 'card: an image address of 1020 characters; 1000 are shown']),
    ),
  ],
  [
    'a carousel',
    (channel) => carousel([full(channel), full(channel)], { channel, alt }),
    { whatsapp: 'carousel: whatsapp shows none: send the cards one by one' },
  ],
  [
    'a carousel of cards that were made for none',
    (channel) => carousel([full(), full(undefined, { image: undefined, alt: undefined })], { channel, alt }),
    { whatsapp: 'carousel: whatsapp shows none' },
  ],
  [
    'a carousel without alt',
    (channel) => carousel([full(), full()], { channel }),
    { whatsapp: 'carousel: whatsapp shows none', line: 'carousel: no alt; line needs it' },
  ],
  [
    'a carousel of cards with a long alt',
    (channel) => {
      const one = full(undefined, { alt: letters(1501) });
      return carousel([one, one], { channel, alt });
    },
    {
      whatsapp: 'carousel: whatsapp shows none',
      line: 'carousel: card 1: an alt of 1501 characters; 1500 are shown',
    },
  ],
  [
    'a button without a click, written by hand',
    (channel) => full(channel, { buttons: [{ type: 'button', title: 'Buy' }] }),
    {
      ...(Object.fromEntries(
        CHANNELS.map((one) => [one, `card: button 1 has 0 actions; ${one} takes 1 to`]),
      ) as Expected),
      web: YES,
      apple: YES,
    },
  ],
  [
    'a carousel of four buttons a card',
    (channel) => {
      const one = full(undefined, { buttons: [buy(1), buy(2), buy(3), buy(4)] });
      return carousel([one, one], { channel, alt });
    },
    {
      whatsapp: 'carousel: whatsapp shows none',
      facebook: 'carousel: card 1: 4 buttons; 1 to 3 can be shown',
      line: 'carousel: card 1: 4 buttons; 1 to 3 can be shown',
    },
  ],
  [
    'a carousel of words',
    (channel) => {
      const one = card({ title: 'Blue', text: '12 €' });
      return carousel([one, one], { channel, alt });
    },
    {
      whatsapp: 'carousel: whatsapp shows none',
      facebook: 'carousel: card 1: 0 buttons; 1 to 3 can be shown',
      line: 'carousel: card 1: 0 buttons; 1 to 3 can be shown',
    },
  ],
  [
    'a carousel of eleven cards',
    (channel) =>
      carousel(
        Array.from({ length: 11 }, () => full()),
        { channel, alt },
      ),
    {
      ...(Object.fromEntries(CHANNELS.map((one) => [one, 'carousel: 11 cards; 2 to 10 can be shown'])) as Expected),
      whatsapp: 'carousel: whatsapp shows none',
      gbm: YES,
    },
  ],
  [
    'a carousel of cards that were written by hand',
    (channel) => {
      const one = { type: 'vertical' as const, elements: [{ type: 'text' as const, text: 'a' }] };
      return carousel([one, one], { channel, alt });
    },
    {
      ...(Object.fromEntries(CHANNELS.map((one) => [one, 'carousel: card 1: it must be made by card'])) as Expected),
      whatsapp: 'carousel: whatsapp shows none',
      web: YES,
      apple: YES,
    },
  ],
  ['quick replies', (channel) => quickReplies(['Yes', 'No'], { channel }), {}],
  ['quick replies two in a row', (channel) => quickReplies(['Yes', 'No'], { channel, perRow: 2 }), {}],
  [
    'quick replies with ids',
    (channel) => quickReplies([{ title: 'Yes', id: 'yes' }], { channel }),
    { whatsapp: 'quickReplies: reply 1 has an id; whatsapp takes none: a press is told by its text' },
  ],
  [
    'fourteen quick replies',
    (channel) =>
      quickReplies(
        Array.from({ length: 14 }, (_, at) => `Reply ${at}`),
        { channel },
      ),
    Object.fromEntries(
      CHANNELS.filter((one) => one !== 'web').map((one) => [one, 'quickReplies: 14 replies; 1 to ']),
    ) as Expected,
  ],
];

describe('what is made for a channel passes the validator of its vendor, or is refused when it is built', () => {
  // verifies: content:channel
  it.each(TABLE.flatMap(([what, make, expected]) => CHANNELS.map((one) => [what, one, make, expected] as const)))(
    '%s for %s',
    (_what, channel, make, expected) => {
      expect(verdict(channel, () => make(channel))).toContain(expected[channel] ?? YES);
    },
  );

  it.each<[string, () => object]>([
    ['a card', () => full()],
    ['a carousel', () => carousel([full(), full()], { alt })],
    ['the most quick replies', () => quickReplies(Array.from({ length: 24 }, (_, at) => `Reply ${at}`))],
    ['quick replies with ids', () => quickReplies([{ title: 'Yes', id: 'yes', say: 'Yes, please' }])],
  ])('passes that of the web when it is made for none: %s', (_what, make) => {
    expect(verdict(undefined, make)).toBe(YES);
  });

  it.each(CHANNELS)(
    'may say and open as much as the platform’s pages have it, more than the validator for %s',
    (channel) => {
      const says = () => button('Buy', { say: letters(257), channel });
      const opens = () => button('More', link(`https://a.example/${letters(1024)}`), { channel });
      const refusals = [says, opens].map((make) => {
        try {
          return make() && YES;
        } catch (error) {
          return (error as Error).message;
        }
      });
      const said = channel === 'whatsapp' ? '20 are shown' : YES;
      const opened = { whatsapp: 'an action of a kind', gbm: '256 are shown' }[channel as string] ?? YES;
      expect(refusals).toEqual([expect.stringContaining(said), expect.stringContaining(opened)]);
    },
  );

  it('shows what the parts are: a title, a text, and what stands for the card', () => {
    expect(full('whatsapp')).toMatchObject({ type: 'vertical', tag: 'generic', alt });
    expect(full('line')).toEqual({
      type: 'vertical',
      tag: 'generic',
      alt,
      elements: [
        {
          type: 'vertical',
          elements: [
            picture,
            { type: 'text', tag: 'title', text: 'Blue' },
            { type: 'text', tag: 'subtitle', text: '12 €' },
            buy(),
          ],
        },
      ],
    });
    const asked = card({ text: 'Blue?', buttons: [buy()], channel: 'facebook' });
    expect(asked).toMatchObject({ tag: 'button', elements: [{ elements: [{ type: 'text', text: 'Blue?' }, buy()] }] });
  });
});

describe('whatever is put together', () => {
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const words = fc.constantFrom(...[1, 20, 21, 25, 26, 40, 41, 60, 61, 80, 81, 120, 257, 641].map(letters));
  const action = fc.oneof(
    fc.webUrl({ validSchemes: ['https'], withQueryParameters: true, withFragments: true }).map((uri) => link(uri)),
    fc.constantFrom<ClickAction>({ type: 'navigate', la: 1, lo: 2 }, { type: 'publishText', text: letters(20) }),
  );
  const buttons = fc.array(
    fc.oneof(
      words.filter((title) => title.length <= 120).map((title) => button(title)),
      action.map((does) => button('Do', does)),
    ),
    { maxLength: 5 },
  );
  const parts = fc.record({
    image: maybe(fc.constant(picture)),
    title: maybe(words),
    text: maybe(words),
    buttons,
    alt: maybe(words),
  });

  it.each(CHANNELS)('passes the validator for %s, or is refused', (channel) => {
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 3 }), ([first, ...rest]) => {
        verdicts.add(verdict(channel, () => card({ ...first, channel })));
        verdicts.add(
          verdict(channel, () =>
            carousel(
              [first, ...rest].map((one) => card(one ?? {})),
              { channel, alt },
            ),
          ),
        );
      }),
      { numRuns: 100, seed: 20_260_101 },
    );
    expect(verdicts).toContain(YES);
  });
});
