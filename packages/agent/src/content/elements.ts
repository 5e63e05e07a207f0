import { ConfigError } from '@lp/core';
import { checkOptionNames, jsonText } from '@lp/core/internal';
import { type ClickAction, MAX_RICH_CONTENT_LENGTH, type RichContent, RichContentSchema } from '@lp/schemas';
import { clickOf, say } from './actions.ts';
import { build, type ContentOptions, checkChannel, checkCount, checkLength, checkObject } from './build.ts';
import { limitsOf } from './channels.ts';

const MAX_BUTTONS = 10;

/** A line of text, with the style of a heading if wanted. */
export function text(content: string, options: { readonly bold?: boolean } = {}): RichContent {
  checkOptionNames('text', options, ['bold']);
  const style = options.bold === undefined ? {} : { style: { bold: options.bold } };
  return build('text', RichContentSchema, { type: 'text', text: content, ...style });
}

/**
 * A picture. Its address must begin with `https://`, and its host must be allowed for the account: only the platform can
 * tell whether it is.
 */
export function image(url: string, options: { readonly caption?: string; readonly alt?: string } = {}): RichContent {
  checkOptionNames('image', options, ['caption', 'alt']);
  return build('image', RichContentSchema, { type: 'image', url, ...options });
}

/** A place on a map, in degrees. */
export function map(latitude: number, longitude: number): RichContent {
  return build('map', RichContentSchema, { type: 'map', la: latitude, lo: longitude });
}

/** What a click on a button does besides being sent, and how the button looks. */
export interface ButtonOptions extends ContentOptions {
  /** Comes back as `message.click.id`. At most 64 characters. */
  readonly id?: string | undefined;
  /** What is said in the consumer's name; default: the title. */
  readonly say?: string | undefined;
}

/**
 * A button. Pressed, it says its title, or does what the action says.
 *
 * @example
 * button('Buy', { id: 'buy-7' });
 * button('More', link('https://shop.example/7'));
 */
export function button(
  title: string,
  does: ClickAction | ButtonOptions = {},
  options: ButtonOptions = {},
): RichContent {
  const isAction = typeof does === 'object' && does !== null && 'type' in does;
  const given: ButtonOptions = isAction ? options : (does as ButtonOptions);
  checkOptionNames('button', given, ['id', 'say', 'channel']);
  const { id, say: said = title, channel } = given;
  checkChannel('button', channel);
  checkLength('button', 'a title', title, limitsOf(channel).buttonTitle);
  const click = clickOf('button', isAction ? (does as ClickAction) : say(said), id);
  return build('button', RichContentSchema, { type: 'button', title, click });
}

/** What a card shows, from top to bottom. At least one part has to be there. */
export interface Card extends ContentOptions {
  /** A picture made by `image`, at the top. */
  readonly image?: RichContent | undefined;
  /** A line in bold. */
  readonly title?: string | undefined;
  /** The text below the title. */
  readonly text?: string | undefined;
  /** Buttons made by `button`, below the text. */
  readonly buttons?: readonly RichContent[] | undefined;
}

/**
 * A card: picture, title, text and buttons, each below the other, as far as given.
 *
 * @example
 * card({ image: image(url), title: 'Blue', text: '12 €', buttons: [button('Buy', { id: 'buy-7' })] });
 */
export function card(given: Card): RichContent {
  checkOptionNames('card', given, ['image', 'title', 'text', 'buttons', 'channel']);
  const { image: picture, title, text: body, buttons = [], channel } = given;
  checkChannel('card', channel);
  const limits = limitsOf(channel);
  if (title !== undefined) checkLength('card', 'a title', title, limits.text);
  if (body !== undefined) checkLength('card', 'a text', body, limits.text);
  checkCount('card', 'buttons', buttons, [0, MAX_BUTTONS]);
  const elements = [
    ...(picture === undefined ? [] : [picture]),
    ...(title === undefined ? [] : [text(title, { bold: true })]),
    ...(body === undefined ? [] : [text(body)]),
    ...buttons,
  ];
  checkCount('card', 'parts', elements, [1, 256]);
  buttons.forEach((one, at) => {
    checkObject('card', `button ${at + 1} must be made by button`, one);
    const { title: shown } = one as { title?: string };
    if (shown !== undefined) checkLength('card', `button ${at + 1} has a title`, shown, limits.buttonTitle);
  });
  return whole('card', { type: 'vertical', elements });
}

/** 2 to 10 cards to leaf through. */
export function carousel(cards: readonly RichContent[], options: ContentOptions = {}): RichContent {
  checkOptionNames('carousel', options, ['channel']);
  const { channel } = options;
  checkChannel('carousel', channel);
  checkCount('carousel', 'cards', cards, [2, limitsOf(channel).cards]);
  return whole('carousel', { type: 'carousel', elements: [...cards] });
}

function whole(builder: string, content: object): RichContent {
  const { length } = jsonText(`${builder}: it`, content);
  if (length > MAX_RICH_CONTENT_LENGTH)
    throw new ConfigError(`${builder}: ${length} characters as JSON; the platform takes ${MAX_RICH_CONTENT_LENGTH}`);
  return build(builder, RichContentSchema, content);
}
