import * as z from 'zod';
import { MetadataSchema } from './metadata.ts';
import { looseObject } from './objects.ts';
import { optionalFlag, optionalNumber, optionalText } from './primitives.ts';
import { CheckboxClickSchema, ClickSchema, SubmitClickSchema } from './rich-actions.ts';

const color = z.string().max(256).optional();

/** How an element looks. */
export const StyleSchema = looseObject(() => ({
  'background-color': color,
  'background-color-active': color,
  'background-color-hover': color,
  'border-color': color,
  'border-color-selected': color,
  'border-color-hover': color,
  'border-radius': optionalNumber,
  'font-family': z.string().max(256).optional(),
  bold: optionalFlag,
  italic: optionalFlag,
  color,
  'color-hover': color,
  'color-active': color,
  size: z.enum(['small', 'medium', 'large']).optional(),
  fill: color,
}));

/** How a card shows its image. */
export const DisplaySchema = looseObject(() => ({
  aspectRatio: z.enum(['rectangle', 'square', 'horizontal']).optional(),
  size: z.enum(['cover', 'contain', 'large', 'compact', 'tall', 'full']).optional(),
}));

const pictureUrl = z.url({ protocol: /^https$/, error: 'an address that begins with https://' }).max(2048);

/** Beside entries as in a message, an element may have a text for channels that cannot show it. */
const metadata = z
  .union([
    z.array(MetadataSchema).max(32),
    looseObject(() => ({
      fallback: optionalText,
    })),
  ])
  .optional();

/** What every element may have. */
export const common = {
  blockSCWhenNotLastMsg: optionalFlag,
  blockTextInput: optionalFlag,
  metadata,
  tooltip: z.string().max(256).optional(),
  rtl: optionalFlag,
  tag: z.string().max(64).optional(),
  tagVersion: z.string().max(64).optional(),
  alt: z.string().max(2000).optional(),
  style: StyleSchema.optional(),
  accessibility: looseObject(() => ({
    web: z.looseObject({}).optional(),
  })).optional(),
};
const clickable = {
  ...common,
  click: ClickSchema.optional(),
};

export const TextElementSchema = looseObject(() => ({
  type: z.literal('text'),
  text: z.string().max(5000),
  ...clickable,
}));

export const ButtonSchema = looseObject(() => ({
  type: z.literal('button'),
  title: z.string().max(128),
  subtitle: z.string().max(128).optional(),
  class: z.enum(['text', 'button']).optional(),
  ref: z
    .looseObject({
      name: z.string().max(200),
      type: z.enum(['carouselSelect', 'accordionSelect']).optional(),
    })
    .optional(),
  ...clickable,
}));

const ImageSchema = looseObject(() => ({
  type: z.literal('image'),
  url: pictureUrl,
  caption: z.string().max(128).optional(),
  ...clickable,
}));

const MapSchema = looseObject(() => ({
  type: z.literal('map'),
  la: z.number(),
  lo: z.number(),
  ...clickable,
}));

const LinkPreviewSchema = looseObject(() => ({
  type: z.literal('linkPreview'),
  url: z.url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' }).max(2048),
  title: z.string().max(128).optional(),
  ...clickable,
}));

const TemplateSchema = looseObject(() => ({
  type: z.literal('template'),
  templateType: z.literal('quickReply'),
  title: z.string().max(5000),
  resp: z.array(z.string().max(128)).min(1).max(32),
  ...clickable,
}));

const KeyValuePairListSchema = looseObject(() => ({
  type: z.literal('keyValuePairList'),
  elements: z
    .array(
      z.looseObject({
        type: z.literal('keyValuePair').optional(),
        key: z.string().max(128),
        value: z.string().max(2048).optional(),
      }),
    )
    .min(1)
    .max(50),
  ...common,
}));

const SubmitButtonSchema = looseObject(() => ({
  type: z.literal('submitButton'),
  title: z.string().max(128),
  click: SubmitClickSchema,
  disabled: optionalFlag,
  ...common,
}));

const CheckboxSchema = looseObject(() => ({
  type: z.literal('checkbox'),
  text: z.string().max(5000),
  click: CheckboxClickSchema,
  borderLine: optionalFlag,
  borderColor: color,
  ...common,
}));

const ChecklistSchema = looseObject(() => ({
  type: z.literal('checklist'),
  elements: z.array(CheckboxSchema).min(2).max(256),
  ...common,
}));

const SectionSchema = looseObject(() => ({
  type: z.literal('section'),
  sectionID: z.string().max(256),
  elements: z.union([z.tuple([ChecklistSchema]), z.tuple([TextElementSchema, ChecklistSchema])]),
  ...common,
}));

const SectionListSchema = looseObject(() => ({
  type: z.literal('sectionList'),
  elements: z.array(SectionSchema).min(1).max(256),
  ...common,
}));

const ButtonListSchema = looseObject(() => ({
  type: z.literal('buttonList'),
  elements: z.union([
    z.tuple([SubmitButtonSchema]),
    z.tuple([SubmitButtonSchema, z.discriminatedUnion('type', [SubmitButtonSchema, ButtonSchema])]),
  ]),
  ...common,
}));

/** A form of checkboxes: a text, the sections and the buttons. */
const ListSchema = looseObject(() => ({
  type: z.literal('list'),
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
