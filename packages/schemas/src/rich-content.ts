import * as z from 'zod';
import { MetadataSchema } from './metadata.ts';
import { otherText } from './primitives.ts';
import { CheckboxClickSchema, ClickSchema, SubmitClickSchema } from './rich-actions.ts';

const color = z.string().max(256).optional();

/** How an element looks. */
export const StyleSchema = z.looseObject({
  'background-color': color,
  'background-color-active': color,
  'background-color-hover': color,
  'border-color': color,
  'border-color-selected': color,
  'border-color-hover': color,
  'border-radius': z.number().optional(),
  'font-family': z.string().max(256).optional(),
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  color,
  'color-hover': color,
  'color-active': color,
  size: z.enum(['small', 'medium', 'large']).optional(),
  fill: color,
});
export type Style = z.infer<typeof StyleSchema>;

/** How a card shows its image. */
const DisplaySchema = z.looseObject({
  aspectRatio: z.enum(['rectangle', 'square', 'horizontal']).optional(),
  size: z.enum(['cover', 'contain', 'large', 'compact', 'tall', 'full']).optional(),
});

const pictureUrl = z.url({ protocol: /^https$/, error: 'an address that begins with https://' }).max(2048);

/** Beside entries as in a message, an element may have a text for channels that cannot show it. */
const metadata = z
  .union([z.array(MetadataSchema).max(32), z.looseObject({ fallback: z.string().optional() })])
  .optional();

const common = {
  /** Controls at and below this place are off once the message is no longer the last. */
  blockSCWhenNotLastMsg: z.boolean().optional(),
  /** The consumer cannot type while this content is the last message. */
  blockTextInput: z.boolean().optional(),
  metadata,
  tooltip: z.string().max(256).optional(),
  rtl: z.boolean().optional(),
  tag: z.string().max(64).optional(),
  tagVersion: z.string().max(64).optional(),
  alt: z.string().max(2000).optional(),
  style: StyleSchema.optional(),
  accessibility: z.looseObject({ web: z.looseObject({}).optional() }).optional(),
};
const clickable = { ...common, click: ClickSchema.optional() };

export const TextElementSchema = z.looseObject({ type: z.literal('text'), text: z.string().max(5000), ...clickable });
export type TextElement = z.infer<typeof TextElementSchema>;

export const ButtonSchema = z.looseObject({
  type: z.literal('button'),
  title: z.string().max(128),
  subtitle: z.string().max(128).optional(),
  class: z.enum(['text', 'button']).optional(),
  ref: z
    .looseObject({ name: z.string().max(200), type: z.enum(['carouselSelect', 'accordionSelect']).optional() })
    .optional(),
  ...clickable,
});
export type Button = z.infer<typeof ButtonSchema>;

const ImageSchema = z.looseObject({
  type: z.literal('image'),
  url: pictureUrl,
  caption: z.string().max(128).optional(),
  ...clickable,
});

const MapSchema = z.looseObject({ type: z.literal('map'), la: z.number(), lo: z.number(), ...clickable });

const LinkPreviewSchema = z.looseObject({
  type: z.literal('linkPreview'),
  url: z.url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' }).max(2048),
  title: z.string().max(128).optional(),
  ...clickable,
});

const TemplateSchema = z.looseObject({
  type: z.literal('template'),
  templateType: z.literal('quickReply'),
  title: z.string().max(5000),
  resp: z.array(z.string().max(128)).min(1).max(32),
  ...clickable,
});

const KeyValuePairListSchema = z.looseObject({
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
});

const SubmitButtonSchema = z.looseObject({
  type: z.literal('submitButton'),
  title: z.string().max(128),
  click: SubmitClickSchema,
  disabled: z.boolean().optional(),
  ...common,
});

const CheckboxSchema = z.looseObject({
  type: z.literal('checkbox'),
  text: z.string().max(5000),
  click: CheckboxClickSchema,
  borderLine: z.boolean().optional(),
  borderColor: color,
  ...common,
});

const ChecklistSchema = z.looseObject({
  type: z.literal('checklist'),
  elements: z.array(CheckboxSchema).min(2).max(256),
  ...common,
});

const SectionSchema = z.looseObject({
  type: z.literal('section'),
  sectionID: z.string().max(256),
  elements: z.union([z.tuple([ChecklistSchema]), z.tuple([TextElementSchema, ChecklistSchema])]),
  ...common,
});

const SectionListSchema = z.looseObject({
  type: z.literal('sectionList'),
  elements: z.array(SectionSchema).min(1).max(256),
  ...common,
});

const ButtonListSchema = z.looseObject({
  type: z.literal('buttonList'),
  elements: z.union([
    z.tuple([SubmitButtonSchema]),
    z.tuple([SubmitButtonSchema, z.discriminatedUnion('type', [SubmitButtonSchema, ButtonSchema])]),
  ]),
  ...common,
});

/** A form of checkboxes: a text, the sections and the buttons. */
const ListSchema = z.looseObject({
  type: z.literal('list'),
  elements: z.tuple([TextElementSchema, SectionListSchema, ButtonListSchema]),
  ...common,
});

const basicSchemas = [
  TextElementSchema,
  ButtonSchema,
  ImageSchema,
  MapSchema,
  LinkPreviewSchema,
  TemplateSchema,
  KeyValuePairListSchema,
  ListSchema,
] as const;

const commonSchema = z.looseObject(common);
interface CommonFields extends z.infer<typeof commonSchema> {}

/** Elements beside each other. */
export interface Horizontal extends CommonFields {
  type: 'horizontal';
  elements: RichContent[];
  percentages?: number[] | undefined;
  border?: 'border' | 'borderLess' | 'dropShadow' | undefined;
  borderLine?: boolean | undefined;
}

/** Elements below each other. */
export interface Vertical extends CommonFields {
  type: 'vertical';
  text?: string | undefined;
  elements: RichContent[];
  border?: 'border' | 'borderLess' | 'dropShadow' | undefined;
  scroll?: 'enable' | 'disable' | undefined;
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** 2 to 10 cards to leaf through; one channel shows 13. */
export interface Carousel extends CommonFields {
  type: 'carousel';
  elements: RichContent[];
  padding?: number | undefined;
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** Cards to choose from. */
export interface CarouselSelect extends CommonFields {
  type: 'carouselSelect';
  selectMode: { name: string; type: 'single' | 'multiple' };
  elements: RichContent[];
  padding?: number | undefined;
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** Cards to unfold and choose from. */
export interface AccordionSelect extends CommonFields {
  type: 'accordionSelect';
  selectMode: { name: string; type?: 'single' | 'multiple' | undefined };
  titles: { name: string; additional?: string | undefined }[];
  elements: RichContent[];
  padding?: number | undefined;
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** 1 to 10 cards behind tabs. */
export interface Tabs extends CommonFields {
  type: 'tabs';
  elements: RichContent[];
}

/** An element of a type that is not known here: channels have elements of their own. */
export interface OtherElement {
  type: string;
  [key: string]: unknown;
}

/** Structured content to send: one element, which may hold others. */
export type RichContent =
  | z.infer<(typeof basicSchemas)[number]>
  | Horizontal
  | Vertical
  | Carousel
  | CarouselSelect
  | AccordionSelect
  | Tabs
  | OtherElement;

const element = z.lazy((): z.ZodType<RichContent, RichContent> => RichContentSchema);
const elements = z.array(element).max(256);
const border = z.enum(['border', 'borderLess', 'dropShadow']).optional();
const selection = z.enum(['single', 'multiple']);
const paddingAndDisplay = { padding: z.number().min(0).max(10).optional(), display: DisplaySchema.optional() };

const KnownElementSchema = z.discriminatedUnion('type', [
  ...basicSchemas,
  z.looseObject({
    type: z.literal('horizontal'),
    elements,
    percentages: z.array(z.number()).max(256).optional(),
    border,
    borderLine: z.boolean().optional(),
    ...common,
  }),
  z.looseObject({
    type: z.literal('vertical'),
    elements,
    text: z.string().max(5000).optional(),
    border,
    scroll: z.enum(['enable', 'disable']).optional(),
    display: DisplaySchema.optional(),
    ...common,
  }),
  z.looseObject({
    type: z.literal('carousel'),
    elements: z.array(element).min(2).max(13).meta({ advised: 10 }),
    ...paddingAndDisplay,
    ...common,
  }),
  z.looseObject({
    type: z.literal('carouselSelect'),
    selectMode: z.looseObject({ name: z.string().max(200), type: selection }),
    elements: z.array(element).min(1).max(20),
    ...paddingAndDisplay,
    ...common,
  }),
  z.looseObject({
    type: z.literal('accordionSelect'),
    selectMode: z.looseObject({ name: z.string().max(200), type: selection.optional() }),
    titles: z
      .array(z.looseObject({ name: z.string().max(200), additional: z.string().max(200).optional() }))
      .min(1)
      .max(20),
    elements: z.array(element).min(1).max(20),
    ...paddingAndDisplay,
    ...common,
  }),
  z.looseObject({ type: z.literal('tabs'), elements: z.array(element).min(1).max(10), ...common }),
]);

const KNOWN_TYPES = KnownElementSchema.options.flatMap(({ shape: { type } }) => [...type._zod.values].map(String));

/**
 * Structured content to send, with the limits of each element. As JSON text the whole may have 15,000 characters.
 * Image addresses must be https and allowed for the account; only the platform can tell. Fields, elements and actions that
 * are not known here pass, for the platform is ahead of its public schemas: `adviceOn` names them.
 */
export const RichContentSchema: z.ZodType<RichContent, RichContent> = z.union([
  KnownElementSchema,
  z.looseObject({ type: otherText(KNOWN_TYPES, 'the fields of its type') }),
]);
