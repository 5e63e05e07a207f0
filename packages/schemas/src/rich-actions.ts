import * as z from 'zod';
import { MetadataSchema } from './metadata.ts';
import { looseObject } from './objects.ts';
import { advisedText, optionalNumber, optionalText, otherText } from './primitives.ts';
import type { ClickAction } from './rich-action-types.ts';
import { linksAreSafe, safeLink } from './safe-links.ts';

const uri = safeLink(advisedText(2048, 1024).min(1));
const deepLink = looseObject(() => ({
  uri,
})).optional();
const accessibility = looseObject(() => ({
  web: z.looseObject({}).optional(),
})).optional();

export const KnownActionSchema = z.discriminatedUnion('type', [
  looseObject(() => ({
    type: z.literal('publishText'),
    text: advisedText(5000, 256),
    accessibility,
  })),
  looseObject(() => ({
    type: z.literal('link'),
    uri,
    name: z.string().max(256).optional(),
    target: z.enum(['self', 'blank', 'slideout']).optional(),
    ios: deepLink,
    android: deepLink,
    web: deepLink,
    accessibility,
  })),
  looseObject(() => ({
    type: z.literal('navigate'),
    la: z.number(),
    lo: z.number(),
    name: z.string().max(256).optional(),
    accessibility,
  })),
  looseObject(() => ({
    type: z.literal('addToCart'),
    items: z
      .array(
        z.looseObject({
          productId: z.string(),
          quantity: optionalNumber,
        }),
      )
      .max(10),
    accessibility,
  })),
  looseObject(() => ({
    type: z.literal('custom'),
    data: z
      .record(z.string(), z.unknown())
      .refine((data) => Object.keys(data).length <= 10, { error: 'at most 10 pairs' })
      .optional(),
    accessibility,
  })),
  looseObject(() => ({
    type: z.literal('datePicker'),
    class: z.enum(['single', 'range']),
    title: z.string().max(40).optional(),
    minDate: z.union([z.string(), z.number()]).optional(),
    maxDate: z.union([z.string(), z.number()]).optional(),
    dateFormat: optionalText,
    accessibility,
  })),
  looseObject(() => ({
    type: z.literal('scheduleSlotList'),
    title: z.string().max(40).optional(),
    slots: z
      .array(
        z.looseObject({
          type: z.literal('scheduleSlot').optional(),
          id: z.string(),
          start: z.union([z.string(), z.number()]),
          end: z.union([z.string(), z.number()]).optional(),
          title: z.string().max(40).optional(),
          description: z.string().max(40).optional(),
          imageUrl: safeLink(z.string().max(1024)).optional(),
        }),
      )
      .max(256)
      .optional(),
    firstDayOfTheWeek: z.enum(['sun', 'mon']).optional(),
    accessibility,
  })),
]);

const ACTIONS = ['publishText', 'link', 'navigate', 'addToCart', 'custom', 'datePicker', 'scheduleSlotList'] as const;

/** What a click does. An action of another type passes: channels have actions of their own. */
export const ClickActionSchema: z.ZodType<ClickAction, ClickAction> = z.union([
  KnownActionSchema,
  looseObject(() => ({
    type: otherText(ACTIONS, 'the fields of its type'),
  })).check(linksAreSafe),
]);

const metadata = z.array(MetadataSchema).max(32).optional();

/** What a click on an element does, and the metadata it sends along. */
export const ClickSchema = looseObject(() => ({
  actions: z.array(ClickActionSchema).max(4).optional(),
  metadata,
}));

/** What ticking a checkbox does. */
export const CheckboxClickSchema = looseObject(() => ({
  actions: z
    .array(
      z.looseObject({
        type: z.literal('checked'),
        publishText: z.string().max(250),
        accessibility,
      }),
    )
    .max(1)
    .optional(),
  metadata,
}));

/** What pressing a submit button does. */
export const SubmitClickSchema = looseObject(() => ({
  actions: z
    .array(
      z.looseObject({
        type: z.literal('submitAsText'),
        submit: z.boolean(),
        accessibility,
      }),
    )
    .max(1)
    .optional(),
  metadata,
}));
