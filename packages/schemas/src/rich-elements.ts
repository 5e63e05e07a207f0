import * as z from 'zod';
import { MetadataSchema } from './metadata.ts';
import { looseObject } from './objects.ts';
import { optionalFlag, optionalNumber, optionalText } from './primitives.ts';
import { CheckboxClickSchema, ClickSchema, SubmitClickSchema } from './rich-actions.ts';

const color = z.string().max(256).optional();

/** How an element looks. */
export const StyleSchema = looseObject(() => ({
  /** Behind it. */
  'background-color': color,
  /** Behind it while it is pressed. */
  'background-color-active': color,
  /** Behind it below the pointer. */
  'background-color-hover': color,
  /** Of its line. */
  'border-color': color,
  /** Of its line once it is chosen. */
  'border-color-selected': color,
  /** Of its line below the pointer. */
  'border-color-hover': color,
  /** How round its corners are, in pixels. */
  'border-radius': optionalNumber,
  /** The font. */
  'font-family': z.string().max(256).optional(),
  /** Whether the text is bold. */
  bold: optionalFlag,
  /** Whether the text is slanted. */
  italic: optionalFlag,
  /** Of the text. */
  color,
  /** Of the text below the pointer. */
  'color-hover': color,
  /** Of the text while it is pressed. */
  'color-active': color,
  /** Of the text, or of the picture. */
  size: z.enum(['small', 'medium', 'large']).optional(),
  /** Of the drawing. */
  fill: color,
}));
export type Style = z.infer<typeof StyleSchema>;

/** How a card shows its image. */
export const DisplaySchema = looseObject(() => ({
  /** Width against height. */
  aspectRatio: z.enum(['rectangle', 'square', 'horizontal']).optional(),
  /** Of the text, or of the picture. */
  size: z.enum(['cover', 'contain', 'large', 'compact', 'tall', 'full']).optional(),
}));

const pictureUrl = z.url({ protocol: /^https$/, error: 'an address that begins with https://' }).max(2048);

/** Beside entries as in a message, an element may have a text for channels that cannot show it. */
const metadata = z
  .union([
    z.array(MetadataSchema).max(32),
    looseObject(() => ({
      /** For channels that cannot show the element. */
      fallback: optionalText,
    })),
  ])
  .optional();

/** What every element may have. */
export const common = {
  /** Controls at and below this place are off once the message is no longer the last. */
  blockSCWhenNotLastMsg: optionalFlag,
  /** The consumer cannot type while this content is the last message. */
  blockTextInput: optionalFlag,
  /** Metadata that goes with it. */
  metadata,
  /** Shown while the pointer rests on it. */
  tooltip: z.string().max(256).optional(),
  /** Whether it is read from right to left. */
  rtl: optionalFlag,
  /** What it is to a channel, such as `title` or `list`. */
  tag: z.string().max(64).optional(),
  /** The version of the tag. */
  tagVersion: z.string().max(64).optional(),
  /** For those who do not see it, and for channels that show text alone. */
  alt: z.string().max(2000).optional(),
  /** How it looks. */
  style: StyleSchema.optional(),
  /** What is read to those who do not see it. */
  accessibility: looseObject(() => ({
    /** ARIA attributes, as the web window puts them on the element. */
    web: z.looseObject({}).optional(),
  })).optional(),
};
const clickable = {
  ...common,
  /** What a press does. */
  click: ClickSchema.optional(),
};

export const TextElementSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('text'),
  /** What it says. */
  text: z.string().max(5000),
  ...clickable,
}));
export type TextElement = z.infer<typeof TextElementSchema>;

export const ButtonSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('button'),
  /** What it shows. */
  title: z.string().max(128),
  /** A second line on it. */
  subtitle: z.string().max(128).optional(),
  /** Whether it looks as a button or as a text. */
  class: z.enum(['text', 'button']).optional(),
  /** The choice that it sends. */
  ref: z
    .looseObject({
      /** Its name. */
      name: z.string().max(200),
      /** Which kind it is: the other fields depend on it. */
      type: z.enum(['carouselSelect', 'accordionSelect']).optional(),
    })
    .optional(),
  ...clickable,
}));
export type Button = z.infer<typeof ButtonSchema>;

const ImageSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('image'),
  /** Where it lies. */
  url: pictureUrl,
  /** A line below it. */
  caption: z.string().max(128).optional(),
  ...clickable,
}));

const MapSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('map'),
  /** Degrees of latitude. */
  la: z.number(),
  /** Degrees of longitude. */
  lo: z.number(),
  ...clickable,
}));

const LinkPreviewSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('linkPreview'),
  /** Where it lies. */
  url: z.url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' }).max(2048),
  /** What it shows. */
  title: z.string().max(128).optional(),
  ...clickable,
}));

const TemplateSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('template'),
  /** `quickReply`. */
  templateType: z.literal('quickReply'),
  /** What it shows. */
  title: z.string().max(5000),
  /** The replies to choose from. */
  resp: z.array(z.string().max(128)).min(1).max(32),
  ...clickable,
}));

const KeyValuePairListSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('keyValuePairList'),
  /** What is in it, in order. */
  elements: z
    .array(
      z.looseObject({
        /** Which kind it is: the other fields depend on it. */
        type: z.literal('keyValuePair').optional(),
        /** The left side. */
        key: z.string().max(128),
        /** The right side. */
        value: z.string().max(2048).optional(),
      }),
    )
    .min(1)
    .max(50),
  ...common,
}));

const SubmitButtonSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('submitButton'),
  /** What it shows. */
  title: z.string().max(128),
  /** What a press does. */
  click: SubmitClickSchema,
  /** Whether it cannot be pressed. */
  disabled: optionalFlag,
  ...common,
}));

const CheckboxSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('checkbox'),
  /** What it says. */
  text: z.string().max(5000),
  /** What a press does. */
  click: CheckboxClickSchema,
  /** Whether lines stand between its elements. */
  borderLine: optionalFlag,
  /** Of its line. */
  borderColor: color,
  ...common,
}));

const ChecklistSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('checklist'),
  /** What is in it, in order. */
  elements: z.array(CheckboxSchema).min(2).max(256),
  ...common,
}));

const SectionSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('section'),
  /** Its name in what is sent in. */
  sectionID: z.string().max(256),
  /** What is in it, in order. */
  elements: z.union([z.tuple([ChecklistSchema]), z.tuple([TextElementSchema, ChecklistSchema])]),
  ...common,
}));

const SectionListSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('sectionList'),
  /** What is in it, in order. */
  elements: z.array(SectionSchema).min(1).max(256),
  ...common,
}));

const ButtonListSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('buttonList'),
  /** What is in it, in order. */
  elements: z.union([
    z.tuple([SubmitButtonSchema]),
    z.tuple([SubmitButtonSchema, z.discriminatedUnion('type', [SubmitButtonSchema, ButtonSchema])]),
  ]),
  ...common,
}));

/** A form of checkboxes: a text, the sections and the buttons. */
const ListSchema = looseObject(() => ({
  /** Which kind it is: the other fields depend on it. */
  type: z.literal('list'),
  /** What is in it, in order. */
  elements: z.tuple([TextElementSchema, SectionListSchema, ButtonListSchema]),
  ...common,
}));

/** The elements that hold no element of any type. */
export const basicSchemas = [
  TextElementSchema,
  ButtonSchema,
  ImageSchema,
  MapSchema,
  LinkPreviewSchema,
  TemplateSchema,
  KeyValuePairListSchema,
  ListSchema,
] as const;
