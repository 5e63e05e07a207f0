import type { Metadata } from './metadata-types.ts';
import type { OpenFields } from './objects.ts';
import type { Accessibility, Click } from './rich-action-types.ts';

/** How an element looks. A color, or a font, has at most 256 characters, as CSS writes it. */
export interface Style extends OpenFields {
  /** The color behind the element. */
  'background-color'?: string | undefined;
  /** The color behind the element while it is pressed. */
  'background-color-active'?: string | undefined;
  /** The color behind the element below the pointer. */
  'background-color-hover'?: string | undefined;
  /** The color of the line around it. */
  'border-color'?: string | undefined;
  /** The color of the line around it once it is chosen. */
  'border-color-selected'?: string | undefined;
  /** The color of the line around it below the pointer. */
  'border-color-hover'?: string | undefined;
  /** How round its corners are, in pixels. */
  'border-radius'?: number | undefined;
  /** The font. */
  'font-family'?: string | undefined;
  /** Whether the text is bold. */
  bold?: boolean | undefined;
  /** Whether the text is slanted. */
  italic?: boolean | undefined;
  /** The color of the text. */
  color?: string | undefined;
  /** The color of the text below the pointer. */
  'color-hover'?: string | undefined;
  /** The color of the text while it is pressed. */
  'color-active'?: string | undefined;
  /** The size of the text, or of the picture. */
  size?: 'small' | 'medium' | 'large' | undefined;
  /** The color of the drawing. */
  fill?: string | undefined;
}

/** How a card shows its image. */
export interface Display extends OpenFields {
  /** Width against height. */
  aspectRatio?: 'rectangle' | 'square' | 'horizontal' | undefined;
  /** How the image fills its place, or how large the content is. */
  size?: 'cover' | 'contain' | 'large' | 'compact' | 'tall' | 'full' | undefined;
}

/** Metadata of an element in its short form. */
export interface FallbackMetadata extends OpenFields {
  /** A text for channels that cannot show the element. */
  fallback?: string | undefined;
}

/** What every element may have. */
export interface CommonFields extends OpenFields {
  /** Controls at and below this place are off once the message is no longer the last. */
  blockSCWhenNotLastMsg?: boolean | undefined;
  /** The consumer cannot type while this content is the last message. */
  blockTextInput?: boolean | undefined;
  /** Metadata that goes with it: at most 32 entries, or a text for channels that cannot show the element. */
  metadata?: Metadata[] | FallbackMetadata | undefined;
  /** Shown while the pointer rests on it, at most 256 characters. */
  tooltip?: string | undefined;
  /** Whether it is read from right to left. */
  rtl?: boolean | undefined;
  /** What it is to a channel, such as `title` or `list`; at most 64 characters. */
  tag?: string | undefined;
  /** The version of the tag, at most 64 characters. */
  tagVersion?: string | undefined;
  /** For those who do not see it, and for channels that show text alone; at most 2,000 characters. */
  alt?: string | undefined;
  /** How it looks. */
  style?: Style | undefined;
  /** What is read to those who do not see it. */
  accessibility?: Accessibility | undefined;
}

interface ClickableFields extends CommonFields {
  /** What a press does. */
  click?: Click | undefined;
}

/** A text. */
export interface TextElement extends ClickableFields {
  /** `text`. */
  type: 'text';
  /** What it says, at most 5,000 characters. */
  text: string;
}

/** The choice that a button sends. */
export interface ChoiceRef extends OpenFields {
  /** The name of the choice, at most 200 characters. */
  name: string;
  /** The kind of cards that are chosen from. */
  type?: 'carouselSelect' | 'accordionSelect' | undefined;
}

/** A button. */
export interface Button extends ClickableFields {
  /** `button`. */
  type: 'button';
  /** What it shows, at most 128 characters. */
  title: string;
  /** A second line on it, at most 128 characters. */
  subtitle?: string | undefined;
  /** Whether it looks as a button or as a text. */
  class?: 'text' | 'button' | undefined;
  /** The choice that it sends. */
  ref?: ChoiceRef | undefined;
}

/** A picture. */
export interface ImageElement extends ClickableFields {
  /** `image`. */
  type: 'image';
  /** Where it lies: an https address of at most 2,048 characters that the account allows. */
  url: string;
  /** A line below it, at most 128 characters. */
  caption?: string | undefined;
}

/** A place on a map. */
export interface MapElement extends ClickableFields {
  /** `map`. */
  type: 'map';
  /** Degrees of latitude. */
  la: number;
  /** Degrees of longitude. */
  lo: number;
}

/** A page, shown as its preview. */
export interface LinkPreview extends ClickableFields {
  /** `linkPreview`. */
  type: 'linkPreview';
  /** The page: an https or http address of at most 2,048 characters. */
  url: string;
  /** What it shows, at most 128 characters. */
  title?: string | undefined;
}

/** A question with replies to choose from, as a template of the channel. */
export interface TemplateElement extends ClickableFields {
  /** `template`. */
  type: 'template';
  /** `quickReply`. */
  templateType: 'quickReply';
  /** The question, at most 5,000 characters. */
  title: string;
  /** The replies to choose from, 1 to 32, each at most 128 characters. */
  resp: string[];
}

/** One line of a list of pairs. */
export interface KeyValuePair extends OpenFields {
  /** `keyValuePair`. */
  type?: 'keyValuePair' | undefined;
  /** The left side, at most 128 characters. */
  key: string;
  /** The right side, at most 2,048 characters. */
  value?: string | undefined;
}

/** Names and what belongs to them, one pair a line. */
export interface KeyValuePairList extends CommonFields {
  /** `keyValuePairList`. */
  type: 'keyValuePairList';
  /** The lines, 1 to 50, in order. */
  elements: KeyValuePair[];
}
