import { ConfigError } from '@lp/core';
import { checkOptionNames, jsonText } from '@lp/core/internal';
import { type ClickAction, MAX_RICH_CONTENT_LENGTH, type RichContent, RichContentSchema } from '@lp/schemas';
import { clickOf, say } from './actions.ts';
import { build, type ContentOptions, checkChannel, checkCount, checkLength, checkObject } from './build.ts';
import { cardFor, takesAnyCard } from './card-forms.ts';
import { checkClick } from './channel-clicks.ts';
import { type Channel, limitsOf } from './channels.ts';

const MAX_BUTTONS = 10;
const MAX_TEXT = 5000;

/** A line of text; `bold` gives it the style of a heading (default: as the channel shows text). */
export function text(content: string, options: { readonly bold?: boolean } = {}): RichContent {
  checkOptionNames('text', options, ['bold']);
  if (typeof content === 'string') checkLength('text', 'a text', content, Infinity);
  const style = options.bold === undefined ? {} : { style: { bold: options.bold } };
  return build('text', RichContentSchema, { type: 'text', text: content, ...style });
}

/**
 * A picture. Its address must begin with `https://`, and its host must be allowed for the account: only the platform can
 * tell whether it is. `caption`: a line below it. `alt`: what stands for it where it cannot be shown.
 */
export function image(url: string, options: { readonly caption?: string; readonly alt?: string } = {}): RichContent {
  checkOptionNames('image', options, ['caption', 'alt']);
  return build('image', RichContentSchema, { type: 'image', url, ...options });
}

/** A place on a map, in degrees: from -90 to 90, and from -180 to 180. */
export function map(latitude: number, longitude: number): RichContent {
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) {
    throw new ConfigError('map: a latitude is from -90 to 90 degrees, a longitude from -180 to 180');
  }
  return build('map', RichContentSchema, { type: 'map', la: latitude, lo: longitude });
}

/** What a click on a button does besides being sent, and how the button looks. */
export interface ButtonOptions extends ContentOptions {
  /** Comes back as `message.click.id`. At most 64 characters; WhatsApp takes none. */
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
  if (channel !== undefined) checkClick('button', '', click, channel);
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
  /** What stands for the card where it cannot be shown. At most 2,000 characters; LINE needs it, and takes 1,500. */
  readonly alt?: string | undefined;
}

/** What the cards of a carousel were made of: some channels want them in a form of their own. */
const madeOf = new WeakMap<RichContent, Card>();

/**
 * A card: picture, title, text and buttons, each below the other, as far as given; with `channel`, in the form that this
 * channel wants.
 *
 * @example
 * card({ image: image(url), title: 'Blue', text: '12 €', buttons: [button('Buy', { id: 'buy-7' })] });
 *
 * @throws ConfigError for nothing to show, and for what the channel does not show: it names the part and the number.
 */
export function card(given: Card): RichContent {
  checkOptionNames('card', given, ['image', 'title', 'text', 'buttons', 'alt', 'channel']);
  const { image: picture, title, text: body, buttons = [], alt, channel } = given;
  checkChannel('card', channel);
  if (title !== undefined) checkLength('card', 'a title', title, MAX_TEXT);
  if (body !== undefined) checkLength('card', 'a text', body, MAX_TEXT);
  if (alt !== undefined) checkLength('card', 'an alt', alt, limitsOf(undefined).alt);
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
  });
  const plain = whole('card', { type: 'vertical', elements, ...(alt === undefined ? {} : { alt }) });
  const parts = { image: picture, title, text: body, buttons: [...buttons], alt };
  const own = channel === undefined ? undefined : cardFor('card', channel, parts);
  const made = own === undefined ? plain : whole('card', own);
  madeOf.set(made, parts);
  return made;
}

/** How a carousel is shown. */
export interface CarouselOptions extends ContentOptions {
  /** What stands for the carousel where it cannot be shown. At most 2,000 characters; LINE needs it, and takes 1,500. */
  readonly alt?: string | undefined;
}

/**
 * 2 to 10 cards to leaf through. With `channel`, those made by `card` are shown as this channel shows cards in a carousel,
 * whichever they were made for.
 *
 * @throws ConfigError for too few or too many, and for what the channel does not show.
 */
export function carousel(cards: readonly RichContent[], options: CarouselOptions = {}): RichContent {
  checkOptionNames('carousel', options, ['channel', 'alt']);
  const { channel, alt } = options;
  checkChannel('carousel', channel);
  const limits = limitsOf(channel);
  if (limits.cards === 0) throw new ConfigError(`carousel: ${channel} shows none: send the cards one by one`);
  checkCount('carousel', 'cards', cards, [2, limits.cards]);
  if (alt !== undefined) checkLength('carousel', 'an alt', alt, limits.alt);
  else if (channel === 'line')
    throw new ConfigError('carousel: no alt; line needs it, for where the carousel cannot be shown');
  const elements = channel === undefined ? [...cards] : cards.map((one, at) => cardOfCarousel(one, at, channel));
  // Cards of the usual size are ten at most there.
  const isTall = channel === 'gbm' && cards.length > 10;
  return whole('carousel', {
    type: 'carousel',
    elements: isTall ? elements.map((one) => ({ ...one, display: { size: 'tall' } })) : elements,
    ...(alt === undefined ? {} : { alt }),
  });
}

function cardOfCarousel(one: RichContent, at: number, channel: Channel): object {
  const name = `carousel: card ${at + 1}`;
  const parts = madeOf.get(one);
  if (parts !== undefined) return cardFor(name, channel, parts, true) ?? one;
  if (takesAnyCard(channel)) return one;
  throw new ConfigError(`${name}: it must be made by card, for ${channel} wants cards in a form of its own`);
}

function whole(builder: string, content: object): RichContent {
  const { length } = jsonText(`${builder}: it`, content);
  if (length > MAX_RICH_CONTENT_LENGTH)
    throw new ConfigError(`${builder}: ${length} characters as JSON; the platform takes ${MAX_RICH_CONTENT_LENGTH}`);
  return build(builder, RichContentSchema, content);
}
