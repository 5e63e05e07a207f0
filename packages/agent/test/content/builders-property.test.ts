import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { ConfigError } from '@lp/core';
import { QuickRepliesSchema, type RichContent, RichContentSchema } from '@lp/schemas';
import type { SimulatedChat } from '@lp/simulator';
import fc from 'fast-check';
import { button, card, carousel, image, link, map, quickReplies, say, text } from '../../src/content.ts';
import { first, startPlatform, type TestPlatform } from '../support/platform.ts';

const RUNS = 300;
// Always the same content, so that a failure is one of the code; another seed looks elsewhere.
const SEED = Number(process.env['LP_PROPERTY_SEED'] ?? 20_260_101);

let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;
let conversation: Conversation;

beforeAll(async () => {
  platform = await startPlatform();
  agent = await platform.connect();
  await agent.setAgentState({ availability: 'ONLINE' });
  const ring = first(agent.rings());
  chat = await platform.simulator.consumer().startConversation();
  conversation = await (await ring).accept();
});

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
});

// Of any length that is near a limit, and of any characters: what cannot be shown is to be refused when it is built.
const words = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 130, unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', '\u200b', 'x'.repeat(25), 'x'.repeat(26), 'x'.repeat(5_000), 'x'.repeat(5_001)),
  },
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const channel = maybe(fc.constantFrom('web' as const, 'whatsapp' as const, 'line' as const, 'facebook' as const));
const url = fc.oneof(
  fc.webUrl({ validSchemes: ['https'] }),
  fc.constantFrom('http://cdn.example/1.png', 'javascript:alert(1)', 'tel:+49301', ''),
);

/** Builders with what they are given: each call may throw. */
const action = fc.oneof(
  words.map((said) => () => say(said)),
  url.map((uri) => () => link(uri)),
);
const buttons = fc.oneof(
  fc.tuple(words, maybe(words), maybe(words), channel).map(
    ([title, id, said, to]) =>
      () =>
        button(title, { id, say: said, channel: to }),
  ),
  fc.tuple(words, action, maybe(words)).map(
    ([title, does, id]) =>
      () =>
        button(title, does(), { id }),
  ),
);
const picture = url.map((address) => () => image(address));
const cards = fc
  .record({
    image: maybe(picture),
    title: maybe(words),
    text: maybe(words),
    buttons: fc.array(buttons, { maxLength: 3 }),
    channel,
  })
  .map((given) => () => card({ ...given, image: given.image?.(), buttons: given.buttons.map((make) => make()) }));
const contents: fc.Arbitrary<() => RichContent> = fc.oneof(
  { weight: 3, arbitrary: cards },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.array(cards, { maxLength: 4 }), channel).map(
      ([all, to]) =>
        () =>
          carousel(
            all.map((make) => make()),
            { channel: to },
          ),
    ),
  },
  buttons,
  picture,
  words.map((content) => () => text(content)),
  fc.tuple(fc.double({ min: -200, max: 200 }), fc.double()).map(
    ([latitude, longitude]) =>
      () =>
        map(latitude, longitude),
  ),
);
const replies = fc
  .tuple(
    fc.array(fc.oneof(words, fc.record({ title: words, id: maybe(words), say: maybe(words) })), { maxLength: 26 }),
    maybe(fc.integer({ min: 0, max: 9 })),
    channel,
  )
  .map(
    ([all, perRow, to]) =>
      () =>
        quickReplies(all, { perRow, channel: to }),
  );

/** What was built; undefined where it was refused, as it must be: with words for the author. */
function built<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!ConfigError.isInstance(error)) throw error;
    return undefined;
  }
}

/** Whether two values are the same JSON; `expect` takes its time over hundreds of large ones. */
function same(found: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${one} is not ${other}`);
}

describe('what the builders make of anything', () => {
  // verifies: content:built
  it('is refused when it is built, or taken by the strict schema and the platform, and shown as it is', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(contents, async (make) => {
        const content = built(make);
        if (!content) return;
        taken++;
        same(RichContentSchema.parse(content), content);
        await conversation.send(content);
        same((await chat.next()).event['content'], content);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(taken).toBeGreaterThan(RUNS / 4);
  }, 120_000);

  it('as quick replies too', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(replies, async (make) => {
        const buttons = built(make);
        if (!buttons) return;
        taken++;
        same(QuickRepliesSchema.parse(buttons), buttons);
        await conversation.send('choose', { quickReplies: buttons });
        same((await chat.next()).event['quickReplies'], buttons);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(taken).toBeGreaterThan(RUNS / 10);
  }, 120_000);
});
