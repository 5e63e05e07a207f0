import * as z from 'zod';
import type { Check } from './compile-check.ts';

interface Usage {
  uses: number;
  isFinal: boolean;
  check: Check;
}

// Generating code takes a millisecond or so, which a schema that is used now and then would never earn back.
const USES_BEFORE_COMPILING = 64;

// zod's own code generator would take as long for each schema that is used once, which most are at a start.
const INTERPRETED = { jitless: true } as const;

const usages = new WeakMap<z.ZodType, Usage>();
let compile: ((schema: z.ZodType) => Check) | undefined;

/**
 * Whether a value is as its schema says, without making a copy of it: schemas here change nothing of what they read, so
 * the value itself can be used. `records` is how many of a list it holds: the first notification of an agent with a
 * thousand conversations is a thousand uses.
 */
export function isValid<S extends z.ZodType>(schema: S, value: unknown, records = 1): value is z.output<S> {
  let usage = usages.get(schema);
  if (usage === undefined) {
    usage = { uses: 0, isFinal: false, check: (given) => schema.validate(given, INTERPRETED) };
    usages.set(schema, usage);
  }
  usage.uses += records;
  if (!usage.isFinal && usage.uses >= USES_BEFORE_COMPILING && z.config().jitless !== true) {
    usage.isFinal = true;
    usage.check = compile ? compile(schema) : (given) => schema.validate(given);
  }
  return usage.check(value);
}

/**
 * Has schemas that are used often checked by generated code: `compile` is `compileCheck`. It is handed in because
 * it needs Node. `z.config({ jitless: true })` turns it off.
 */
export function compileChecksWith(given: typeof compile): void {
  compile = given;
}
