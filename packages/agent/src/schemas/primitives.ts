import * as z from 'zod';

/** One of the values known today, or any other text: the platform adds values without notice. */
export type Open<V extends string> = V | (string & {});

/** A text whose values of today are known; any other text passes too. */
export function openEnum<const V extends readonly string[]>(values: V): z.ZodType<Open<V[number]>, Open<V[number]>> {
  return z.string().meta({ examples: [...values] });
}

/** Milliseconds since 1970, by the server's clock. */
export const TimestampSchema = z.number().meta({ description: 'Milliseconds since 1970, by the clock of the server.' });
