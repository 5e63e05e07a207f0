import * as z from 'zod';

type Compile = (schema: z.ZodType) => z.ZodType;

interface Check {
  uses: number;
  schema: z.ZodType;
}

// Generating code takes milliseconds, which a schema that is used now and then would never earn back.
const USES_BEFORE_COMPILING = 64;

const checks = new WeakMap<z.ZodType, Check>();
let compile: Compile | undefined;

/**
 * Whether a value is as its schema says, without making a copy of it: schemas here change nothing of what they read, so
 * the value itself can be used.
 */
export function isValid<S extends z.ZodType>(schema: S, value: unknown): value is z.output<S> {
  let check = checks.get(schema);
  if (check === undefined) {
    check = { uses: 0, schema };
    checks.set(schema, check);
  }
  if (++check.uses === USES_BEFORE_COMPILING && z.config().jitless !== true) check.schema = compile?.(schema) ?? schema;
  return check.schema.validate(value);
}

/**
 * Has schemas that are used often checked by generated code: `compile` is `z.compile`, which gives a schema back as it
 * is where code must not be generated. It is handed in because it weighs 19 kB, which a browser need not load.
 */
export function compileChecksWith(given: Compile): void {
  compile = given;
}
