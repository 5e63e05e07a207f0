import * as z from 'zod';
import { MetadataSchema } from './metadata.ts';

const uri = z.string().min(1).max(1024);
const deepLink = z.strictObject({ uri }).optional();
const accessibility = z.strictObject({ web: z.looseObject({}).optional() }).optional();

/** What a click does. */
export const ClickActionSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('publishText'), text: z.string().max(256), accessibility }),
  z.strictObject({
    type: z.literal('link'),
    uri,
    name: z.string().max(256).optional(),
    target: z.enum(['self', 'blank', 'slideout']).optional(),
    ios: deepLink,
    android: deepLink,
    web: deepLink,
    accessibility,
  }),
  z.strictObject({
    type: z.literal('navigate'),
    la: z.number(),
    lo: z.number(),
    name: z.string().max(256).optional(),
    accessibility,
  }),
  z.strictObject({
    type: z.literal('addToCart'),
    items: z.array(z.strictObject({ productId: z.string(), quantity: z.number().optional() })).max(10),
    accessibility,
  }),
  z.strictObject({
    type: z.literal('custom'),
    data: z
      .record(z.string(), z.unknown())
      .refine((data) => Object.keys(data).length <= 10, { error: 'at most 10 pairs' })
      .optional(),
    accessibility,
  }),
  z.strictObject({
    type: z.literal('datePicker'),
    class: z.enum(['single', 'range']),
    title: z.string().max(40).optional(),
    minDate: z.union([z.string(), z.number()]).optional(),
    maxDate: z.union([z.string(), z.number()]).optional(),
    dateFormat: z.string().optional(),
    accessibility,
  }),
  z.strictObject({
    type: z.literal('scheduleSlotList'),
    title: z.string().max(40).optional(),
    slots: z
      .array(
        z.strictObject({
          type: z.literal('scheduleSlot').optional(),
          id: z.string(),
          start: z.union([z.string(), z.number()]),
          end: z.union([z.string(), z.number()]).optional(),
          title: z.string().max(40).optional(),
          description: z.string().max(40).optional(),
          imageUrl: z.string().max(1024).optional(),
        }),
      )
      .max(256)
      .optional(),
    firstDayOfTheWeek: z.enum(['sun', 'mon']).optional(),
    accessibility,
  }),
]);
export type ClickAction = z.infer<typeof ClickActionSchema>;

const metadata = z.array(MetadataSchema).max(32).optional();

/** What a click on an element does, and the metadata it sends along. */
export const ClickSchema = z.strictObject({ actions: z.array(ClickActionSchema).max(4).optional(), metadata });
export type Click = z.infer<typeof ClickSchema>;

/** What ticking a checkbox does. */
export const CheckboxClickSchema = z.strictObject({
  actions: z
    .array(z.strictObject({ type: z.literal('checked'), publishText: z.string().max(250), accessibility }))
    .max(1)
    .optional(),
  metadata,
});

/** What pressing a submit button does. */
export const SubmitClickSchema = z.strictObject({
  actions: z
    .array(z.strictObject({ type: z.literal('submitAsText'), submit: z.boolean(), accessibility }))
    .max(1)
    .optional(),
  metadata,
});
