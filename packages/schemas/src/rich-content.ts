import * as z from 'zod';
import { looseObject } from './objects.ts';
import { optionalFlag, otherText } from './primitives.ts';
import type { RichContent } from './rich-content-types.ts';
import { basicSchemas, common, DisplaySchema } from './rich-elements.ts';
import { linksAreSafe } from './safe-links.ts';

const element = z.lazy((): z.ZodType<RichContent, RichContent> => RichContentSchema);
const elements = z.array(element).max(256);
const border = z.enum(['border', 'borderLess', 'dropShadow']).optional();
const selection = z.enum(['single', 'multiple']);
const paddingAndDisplay = { padding: z.number().min(0).max(10).optional(), display: DisplaySchema.optional() };

export const KnownElementSchema = z.discriminatedUnion('type', [
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
