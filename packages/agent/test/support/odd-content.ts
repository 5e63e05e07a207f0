import type { RichContent } from '@lp/schemas';

/** A card that is one of its own elements. */
export function holdsItself(): RichContent {
  const elements: unknown[] = [];
  const content = { type: 'vertical', elements };
  elements.push(content);
  return content as unknown as RichContent;
}

/** A text, so many cards deep. */
export function nested(levels: number): RichContent {
  let content: object = { type: 'text', text: 'x' };
  for (let level = 0; level < levels; level++) content = { type: 'vertical', elements: [content] };
  return content as unknown as RichContent;
}
