import * as z from 'zod';
import { looseObject } from './objects.ts';
import { optionalFlag, otherText } from './primitives.ts';
import { basicSchemas, common, DisplaySchema } from './rich-elements.ts';
import { linksAreSafe } from './safe-links.ts';

const commonSchema = looseObject(() => common);
interface CommonFields extends z.infer<typeof commonSchema> {}

/** Elements beside each other. */
export interface Horizontal extends CommonFields {
  /** Which kind of element it is. */
  type: 'horizontal';
  /** What is in it, in order. */
  elements: RichContent[];
  /** How wide each element is. */
  percentages?: number[] | undefined;
  /** Whether it has a line around it, or a shadow. */
  border?: 'border' | 'borderLess' | 'dropShadow' | undefined;
  /** Whether lines stand between its elements. */
  borderLine?: boolean | undefined;
}

/** Elements below each other. */
export interface Vertical extends CommonFields {
  /** Which kind of element it is. */
  type: 'vertical';
  /** For channels that show text alone. */
  text?: string | undefined;
  /** What is in it, in order. */
  elements: RichContent[];
  /** Whether it has a line around it, or a shadow. */
  border?: 'border' | 'borderLess' | 'dropShadow' | undefined;
  /** Whether it can be scrolled. */
  scroll?: 'enable' | 'disable' | undefined;
  /** How a card shows its picture. */
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** 2 to 10 cards to leaf through; one channel shows 13. */
export interface Carousel extends CommonFields {
  /** Which kind of element it is. */
  type: 'carousel';
  /** What is in it, in order. */
  elements: RichContent[];
  /** Space around the cards, 0 to 10. */
  padding?: number | undefined;
  /** How a card shows its picture. */
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** Cards to choose from. */
export interface CarouselSelect extends CommonFields {
  /** Which kind of element it is. */
  type: 'carouselSelect';
  /** How many can be chosen, and the name of the choice. */
  selectMode: {
    /** Its name. */
    name: string;
    /** Which kind of element it is. */
    type: 'single' | 'multiple';
  };
  /** What is in it, in order. */
  elements: RichContent[];
  /** Space around the cards, 0 to 10. */
  padding?: number | undefined;
  /** How a card shows its picture. */
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** Cards to unfold and choose from. */
export interface AccordionSelect extends CommonFields {
  /** Which kind of element it is. */
  type: 'accordionSelect';
  /** How many can be chosen, and the name of the choice. */
  selectMode: {
    /** Its name. */
    name: string;
    /** Which kind of element it is. */
    type?: 'single' | 'multiple' | undefined;
  };
  /** The heads of what unfolds. */
  titles: {
    /** Its name. */
    name: string;
    /** A second line of it. */
    additional?: string | undefined;
  }[];
  /** What is in it, in order. */
  elements: RichContent[];
  /** Space around the cards, 0 to 10. */
  padding?: number | undefined;
  /** How a card shows its picture. */
  display?: z.infer<typeof DisplaySchema> | undefined;
}

/** 1 to 10 cards behind tabs. */
export interface Tabs extends CommonFields {
  /** Which kind of element it is. */
  type: 'tabs';
  /** What is in it, in order. */
  elements: RichContent[];
}

/** An element of a type that is not known here: channels have elements of their own. */
export interface OtherElement {
  /** Which kind of element it is. */
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
  looseObject(() => ({
    type: z.literal('horizontal'),
    elements,
    percentages: z.array(z.number()).max(256).optional(),
    border,
    borderLine: optionalFlag,
    ...common,
  })),
  looseObject(() => ({
    type: z.literal('vertical'),
    elements,
    text: z.string().max(5000).optional(),
    border,
    scroll: z.enum(['enable', 'disable']).optional(),
    display: DisplaySchema.optional(),
    ...common,
  })),
  looseObject(() => ({
    type: z.literal('carousel'),
    elements: z.array(element).min(2).max(13).meta({ advised: 10 }),
    ...paddingAndDisplay,
    ...common,
  })),
  looseObject(() => ({
    type: z.literal('carouselSelect'),
    selectMode: z.looseObject({ name: z.string().max(200), type: selection }),
    elements: z.array(element).min(1).max(20),
    ...paddingAndDisplay,
    ...common,
  })),
  looseObject(() => ({
    type: z.literal('accordionSelect'),
    selectMode: z.looseObject({ name: z.string().max(200), type: selection.optional() }),
    titles: z
      .array(z.looseObject({ name: z.string().max(200), additional: z.string().max(200).optional() }))
      .min(1)
      .max(20),
    elements: z.array(element).min(1).max(20),
    ...paddingAndDisplay,
    ...common,
  })),
  looseObject(() => ({ type: z.literal('tabs'), elements: z.array(element).min(1).max(10), ...common })),
]);

const knownTypes = () => KnownElementSchema.options.flatMap(({ shape: { type } }) => [...type._zod.values].map(String));

/**
 * Structured content to send, with the limits of each element. As JSON text the whole may have 15,000 characters.
 * Image addresses must be https and allowed for the account; only the platform can tell. Fields, elements and actions that
 * are not known here pass, for the platform is ahead of its public schemas: `adviceOn` names them.
 */
export const RichContentSchema: z.ZodType<RichContent, RichContent> = z.union([
  KnownElementSchema,
  looseObject(() => ({ type: otherText(knownTypes(), 'the fields of its type') })).check(linksAreSafe),
]);
