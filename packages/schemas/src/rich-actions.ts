import * as z from 'zod';
import { MetadataSchema } from './metadata.ts';
import { looseObject } from './objects.ts';
import { advisedText, optionalNumber, optionalText, otherText } from './primitives.ts';
import { linksAreSafe, safeLink } from './safe-links.ts';

const uri = safeLink(advisedText(2048, 1024).min(1));
const deepLink = looseObject(() => ({
  /** What is opened: a page, an app or a call. */
  uri,
})).optional();
const accessibility = looseObject(() => ({
  /** ARIA attributes, as the web window puts them on the element. */
  web: z.looseObject({}).optional(),
})).optional();

const KnownActionSchema = z.discriminatedUnion('type', [
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: z.literal('publishText'),
    /** What it says. */
    text: advisedText(5000, 256),
    /** What is read to those who do not see it. */
    accessibility,
  })),
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: z.literal('link'),
    /** What is opened: a page, an app or a call. */
    uri,
    /** Its name. */
    name: z.string().max(256).optional(),
    /** Where a page opens. */
    target: z.enum(['self', 'blank', 'slideout']).optional(),
    /** What is opened instead on iOS. */
    ios: deepLink,
    /** What is opened instead on Android. */
    android: deepLink,
    /** What is opened instead on the web. */
    web: deepLink,
    /** What is read to those who do not see it. */
    accessibility,
  })),
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: z.literal('navigate'),
    /** Degrees of latitude. */
    la: z.number(),
    /** Degrees of longitude. */
    lo: z.number(),
    /** Its name. */
    name: z.string().max(256).optional(),
    /** What is read to those who do not see it. */
    accessibility,
  })),
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: z.literal('addToCart'),
    /** What goes into the cart, at most 10. */
    items: z
      .array(
        z.looseObject({
          /** The product. */
          productId: z.string(),
          /** How many. */
          quantity: optionalNumber,
        }),
      )
      .max(10),
    /** What is read to those who do not see it. */
    accessibility,
  })),
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: z.literal('custom'),
    /** At most 10 pairs that the page around the window gets. */
    data: z
      .record(z.string(), z.unknown())
      .refine((data) => Object.keys(data).length <= 10, { error: 'at most 10 pairs' })
      .optional(),
    /** What is read to those who do not see it. */
    accessibility,
  })),
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: z.literal('datePicker'),
    /** One day, or from one to another. */
    class: z.enum(['single', 'range']),
    /** What it shows. */
    title: z.string().max(40).optional(),
    /** The first day that can be chosen. */
    minDate: z.union([z.string(), z.number()]).optional(),
    /** The last day that can be chosen. */
    maxDate: z.union([z.string(), z.number()]).optional(),
    /** How the day is written. */
    dateFormat: optionalText,
    /** What is read to those who do not see it. */
    accessibility,
  })),
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: z.literal('scheduleSlotList'),
    /** What it shows. */
    title: z.string().max(40).optional(),
    /** The times to choose from. */
    slots: z
      .array(
        z.looseObject({
          /** Which kind it is: the other fields depend on it. */
          type: z.literal('scheduleSlot').optional(),
          /** Comes back with the choice. */
          id: z.string(),
          /** When it begins. */
          start: z.union([z.string(), z.number()]),
          /** When it ends. */
          end: z.union([z.string(), z.number()]).optional(),
          /** What it shows. */
          title: z.string().max(40).optional(),
          /** A line below the title. */
          description: z.string().max(40).optional(),
          /** A picture beside it. */
          imageUrl: safeLink(z.string().max(1024)).optional(),
        }),
      )
      .max(256)
      .optional(),
    /** How the calendar begins. */
    firstDayOfTheWeek: z.enum(['sun', 'mon']).optional(),
    /** What is read to those who do not see it. */
    accessibility,
  })),
]);

const ACTIONS = ['publishText', 'link', 'navigate', 'addToCart', 'custom', 'datePicker', 'scheduleSlotList'] as const;

/** What a click does. An action of another type passes: channels have actions of their own. */
export const ClickActionSchema = z.union([
  KnownActionSchema,
  looseObject(() => ({
    /** Which kind it is: the other fields depend on it. */
    type: otherText(ACTIONS, 'the fields of its type'),
  })).check(linksAreSafe),
]);
export type ClickAction = z.infer<typeof ClickActionSchema>;

const metadata = z.array(MetadataSchema).max(32).optional();

/** What a click on an element does, and the metadata it sends along. */
export const ClickSchema = looseObject(() => ({
  /** What happens, in order. */
  actions: z.array(ClickActionSchema).max(4).optional(),
  /** Metadata that goes with it. */
  metadata,
}));
export type Click = z.infer<typeof ClickSchema>;

/** What ticking a checkbox does. */
export const CheckboxClickSchema = looseObject(() => ({
  /** What happens, in order. */
  actions: z
    .array(
      z.looseObject({
        /** Which kind it is: the other fields depend on it. */
        type: z.literal('checked'),
        /** What is said in the consumer's name, at most 250 characters. */
        publishText: z.string().max(250),
        /** What is read to those who do not see it. */
        accessibility,
      }),
    )
    .max(1)
    .optional(),
  /** Metadata that goes with it. */
  metadata,
}));

/** What pressing a submit button does. */
export const SubmitClickSchema = looseObject(() => ({
  /** What happens, in order. */
  actions: z
    .array(
      z.looseObject({
        /** Which kind it is: the other fields depend on it. */
        type: z.literal('submitAsText'),
        /** Whether the form is sent in. */
        submit: z.boolean(),
        /** What is read to those who do not see it. */
        accessibility,
      }),
    )
    .max(1)
    .optional(),
  /** Metadata that goes with it. */
  metadata,
}));
