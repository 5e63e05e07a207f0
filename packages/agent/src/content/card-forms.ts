import { ConfigError } from '@lp/core';
import type { RichContent } from '@lp/schemas';
import { checkCount, checkLength } from './build.ts';
import { checkClick } from './channel-clicks.ts';
import { type Channel, limitsOf } from './channels.ts';

/** What a card is made of. */
export interface CardParts {
  readonly image?: RichContent | undefined;
  readonly title?: string | undefined;
  readonly text?: string | undefined;
  readonly buttons?: readonly RichContent[] | undefined;
  readonly alt?: string | undefined;
}

type Part = 'image' | 'title' | 'text' | 'buttons';

/** How a channel wants a card: one below the other, or in a second card that is the only element of the first. */
interface Form {
  readonly tag: string;
  readonly isNested: boolean;
  readonly title: number;
  readonly text: number;
  readonly imageUrl: number;
  readonly buttons: readonly [number, number];
  /** One of these has to be there. */
  readonly needs: readonly Part[];
  readonly needsAlt?: boolean;
}

const WORDS = ['title', 'text'] as const;
const FLAT: Form = {
  tag: 'generic',
  isNested: false,
  title: 640,
  text: 640,
  imageUrl: 2048,
  buttons: [0, 4],
  needs: ['image', ...WORDS],
};

/** Whether a channel shows cards of any form. */
export function takesAnyCard(channel: Channel): boolean {
  return formOf(channel, {}, true) === undefined;
}

/** The form that a channel wants of these parts; undefined where any will do. */
function formOf(channel: Channel, parts: CardParts, isInCarousel: boolean): Form | undefined {
  const hasImage = parts.image !== undefined;
  const hasTitle = parts.title !== undefined;
  switch (channel) {
    case 'web':
    case 'apple':
      return undefined;
    case 'rcs':
      return FLAT;
    case 'whatsapp':
      return { ...FLAT, title: 100, text: 924, imageUrl: 1000, needs: WORDS };
    case 'gbm':
      return { ...FLAT, title: 200, text: 2000, imageUrl: 1000 };
    case 'viber':
      return { ...FLAT, isNested: true, buttons: [0, 7], needs: [...FLAT.needs, 'buttons'] };
    case 'line':
      return {
        ...FLAT,
        isNested: true,
        title: 40,
        text: hasImage || hasTitle ? 60 : 120,
        imageUrl: 1000,
        buttons: [1, isInCarousel ? 3 : 4],
        needs: ['text'],
        needsAlt: !isInCarousel,
      };
    case 'facebook': {
      const form: Form = { ...FLAT, isNested: true, buttons: [1, 3], needs: WORDS };
      const hasButtons = (parts.buttons ?? []).length > 0;
      if (!hasImage && hasButtons) return { ...form, tag: 'button' };
      const mayBeWords = !hasImage && hasTitle && parts.text !== undefined && !isInCarousel;
      return { ...form, title: 80, text: 80, buttons: [mayBeWords ? 0 : 1, 3] };
    }
  }
}

/**
 * A card as its channel wants it, of parts that a card may have; undefined where any card will do.
 *
 * @throws ConfigError for what the channel does not show. `builder` names the card.
 */
export function cardFor(
  builder: string,
  channel: Channel,
  parts: CardParts,
  isInCarousel = false,
): Readonly<Record<string, unknown>> | undefined {
  const { alt, buttons = [], image, text, title } = parts;
  if (alt !== undefined) checkLength(builder, 'an alt', alt, limitsOf(channel).alt);
  checkButtons(builder, channel, buttons);
  const form = formOf(channel, parts, isInCarousel);
  if (form === undefined) return undefined;
  if (form.needs.every((part) => parts[part] === undefined || (part === 'buttons' && buttons.length === 0)))
    throw new ConfigError(`${builder}: no ${form.needs.join(' and no ')}; ${channel} needs it in a card`);
  if (form.needsAlt === true && alt === undefined)
    throw new ConfigError(`${builder}: no alt; ${channel} needs it, for where the card cannot be shown`);
  if (title !== undefined) checkLength(builder, 'a title', title, form.title);
  if (text !== undefined) checkLength(builder, 'a text', text, form.text);
  if (image !== undefined) checkImage(builder, image, form.imageUrl);
  checkCount(builder, 'buttons', buttons, [...form.buttons]);
  const elements = [
    ...(image === undefined ? [] : [image]),
    ...(title === undefined ? [] : [{ type: 'text', text: title, tag: 'title' }]),
    ...(text === undefined ? [] : [{ type: 'text', text, tag: 'subtitle' }]),
    ...buttons,
  ];
  // Of Viber's: all parts together.
  if (channel === 'viber') checkCount(builder, 'parts', elements, [1, 7]);
  return {
    type: 'vertical',
    elements: form.isNested ? [{ type: 'vertical', elements }] : elements,
    tag: form.tag,
    // Where a form has no place for it, nothing shows it.
    ...(alt === undefined || form.tag === 'button' ? {} : { alt }),
  };
}

function checkButtons(builder: string, channel: Channel, buttons: readonly RichContent[]): void {
  buttons.forEach((one, at) => {
    const { click, title, type } = one as { click?: unknown; title?: unknown; type: string };
    const whose = `button ${at + 1} has `;
    // What else is written by hand is for the web to show.
    if (takesAnyCard(channel) && (type !== 'button' || click === undefined)) return;
    if (type !== 'button') throw new ConfigError(`${builder}: button ${at + 1} must be made by button`);
    checkLength(builder, `${whose}a title`, title as string, limitsOf(channel).buttonTitle);
    checkClick(builder, whose, click, channel);
  });
}

function checkImage(builder: string, image: RichContent, longest: number): void {
  const { type, url } = image as { type: string; url?: unknown };
  if (type !== 'image') throw new ConfigError(`${builder}: the image must be made by image`);
  checkLength(builder, 'an image address', url as string, longest);
}
