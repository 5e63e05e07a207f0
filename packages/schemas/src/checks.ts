import * as z from 'zod';
import type { Check } from './compile-check.ts';

interface Usage {
  uses: number;
  check: Check;
}

// Generating code takes a millisecond or so, which a schema that is used now and then would never earn back.
const USES_BEFORE_COMPILING = 64;

const usages = new WeakMap<z.ZodType, Usage>();
let compile: ((schema: z.ZodType) => Check) | undefined;

/**
 * Whether a value is as its schema says, without making a copy of it: schemas here change nothing of what they read, so
 * the value itself can be used.
 */
export function isValid<S extends z.ZodType>(schema: S, value: unknown): value is z.output<S> {
  let usage = usages.get(schema);
  if (usage === undefined) {
    usage = { uses: 0, check: (given) => schema.validate(given) };
    usages.set(schema, usage);
  }
  if (++usage.uses === USES_BEFORE_COMPILING && compile && z.config().jitless !== true) usage.check = compile(schema);
  return usage.check(value);
}

/**
 * Has schemas that are used often checked by generated code: `compile` is `compileCheck`. It is handed in because
 * it needs Node. `z.config({ jitless: true })` turns it off.
 */
export function compileChecksWith(given: typeof compile): void {
  compile = given;
}
