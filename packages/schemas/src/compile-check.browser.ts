import type * as z from 'zod';
import type { Check } from './compile-check.ts';

/** A page may forbid code that is made of text: its checks are those of the schema itself. */
export function compileCheck(schema: z.ZodType): Check {
  return (value) => schema.validate(value);
}
