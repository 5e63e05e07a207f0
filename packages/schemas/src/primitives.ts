import * as z from 'zod';

/** One of the values known today, or any other text: the platform adds values without notice. */
export type Open<V extends string> = V | (string & {});

/** A text whose values of today are known; any other text passes too. */
export function openEnum<const V extends readonly string[]>(values: V): z.ZodType<Open<V[number]>, Open<V[number]>> {
  return z.string().meta({ examples: [...values] });
}

/** Milliseconds since 1970, by the server's clock. */
export const TimestampSchema = z.number().meta({ description: 'Milliseconds since 1970, by the clock of the server.' });

/** An event's number in its dialog. Numbers that JavaScript cannot tell apart are none. */
export const SequenceSchema = z.int().min(0).meta({ description: 'The number of the event in its dialog.' });

/**
 * A name that is not known here. The value is the name alone; only its type has a prefix, so that comparing with a known
 * name rules it out. To compare it with another name, read it as a `string`.
 */
export type OtherName = `(other) ${string}`;

/** A text that is none of the known names. */
export function otherName(known: readonly string[], expected: string): z.ZodType<OtherName, OtherName> {
  const schema: z.ZodType<string, string> = z
    .string()
    .refine((name) => !known.includes(name), { error: expected, abort: true });
  return schema as z.ZodType<OtherName, OtherName>;
}
