import { describe, expect, it } from '@jest/globals';
import { quickReplies as build, card, type QuickRepliesInput } from '@lp/agent/content';
import { type QuickReplies, QuickRepliesSchema, type RichContent, RichContentSchema } from '@lp/schemas';

/** Takes what `conversation.send` takes. That this compiles is the test: none of it has an `as const`. */
const asReplies = (replies: QuickRepliesInput): QuickRepliesInput => replies;
const asContent = (content: RichContent): RichContent => content;

// In variables of their own, where TypeScript reads `'button'` as any text.
const titles = ['Yes', 'No'];
const entries = [{ title: 'Yes', id: 'yes' }, { title: 'No' }];
const link = { type: 'link', uri: 'https://a.example' };
const button = { type: 'button', title: 'Yes', click: { actions: [{ type: 'publishText', text: 'yes' }, link] } };
const replies = { type: 'quickReplies', itemsPerRow: 2, replies: [button] };
const picture = { type: 'image', url: 'https://a.example/cat.png' };
const cardOfParts = { type: 'vertical', elements: [picture, { type: 'text', text: 'A cat' }, button] };
const carousel = { type: 'carousel', elements: [cardOfParts, cardOfParts] };

describe('what is written without `as const` type-checks, and is what the platform takes', () => {
  it('quick replies: titles, entries, the wire form in place and in a variable', () => {
    for (const given of [titles, entries]) expect(asReplies(given)).toBe(given);
    const inPlace = asReplies({
      type: 'quickReplies',
      replies: [{ type: 'button', title: 'Yes', click: { actions: [{ type: 'publishText', text: 'yes' }] } }],
    });
    const wire: QuickReplies[] = [inPlace as QuickReplies, asReplies(replies) as QuickReplies, build(entries)];
    for (const given of wire) expect(QuickRepliesSchema.safeParse(given).success).toBe(true);
  });

  it('cards and carousels: in place and in a variable', () => {
    const inPlace = asContent({
      type: 'vertical',
      elements: [
        { type: 'text', text: 'A cat' },
        { type: 'button', title: 'Yes' },
      ],
    });
    const contents = [inPlace, asContent(cardOfParts), asContent(carousel), card({ title: 'A cat' })];
    for (const content of contents) expect(RichContentSchema.safeParse(content).success).toBe(true);
  });
});
