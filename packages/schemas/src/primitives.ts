import * as z from 'zod';

/** One of the values known today, or any other text: the platform adds values without notice. */
export type Open<V extends string> = V | (string & {});

/** A text whose values of today are known; any other text passes too. */
export function openEnum<const V extends readonly string[]>(values: V): z.ZodType<Open<V[number]>, Open<V[number]>> {
  return z.string().meta({ examples: [...values] });
}

/** Milliseconds since 1970, by the server's clock. */
export const TimestampSchema = z.number().meta({ description: 'Milliseconds since 1970, by the clock of the server.' });

// Each schema takes a moment to make, and half of all fields are one of these: made once, they shorten every start.
export const optionalText = z.string().optional();
export const optionalNumber = z.number().optional();
export const optionalFlag = z.boolean().optional();
export const optionalTime = TimestampSchema.optional();

/** An event's number in its dialog. Numbers that JavaScript cannot tell apart are none. */
export const SequenceSchema = z.int().min(0).meta({ description: 'The number of the event in its dialog.' });

/**
 * A name that is not known here. The value is the name alone; only its type has a prefix, so that comparing with a known
 * name rules it out. To compare it with another name, read it as a `string`.
 */
export type OtherName = `(other) ${string}`;

/** A text that is none of the known names, in what is received: see {@link OtherName}. */
export function otherName(known: readonly string[], expected: string): z.ZodType<OtherName, OtherName> {
  return otherText(known, expected) as z.ZodType<OtherName, OtherName>;
}

/** A text that is none of the known names, in what is sent: the platform learns new names before we do. */
export function otherText(known: readonly string[], expected: string): z.ZodType<string, string> {
  return z
    .string()
    .refine((name) => !known.includes(name), { error: expected, abort: true, params: { other: true } })
    .meta({ not: { enum: [...known] } });
}

/** A text that may have `most` characters, of which only `advised` are safe everywhere: `adviceOn` tells of more. */
export function advisedText(most: number, advised: number): z.ZodString {
  return z.string().max(most).meta({ advised });
}
