import { compileFunction } from 'node:vm';
import type * as z from 'zod';
import { SequenceSchema } from './primitives.ts';

/** Whether a value is as a schema says. */
export type Check = (value: unknown) => boolean;

type Schema = z.core.$ZodTypes;

/** What is looked at of a check: its limits, or the function of a refinement. */
type CheckDef = z.core.$ZodCheckDef & {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly fn?: (value: unknown) => unknown;
  readonly when?: unknown;
};

/**
 * Writes one plain JavaScript expression for a whole schema, and compiles it. The generated code of `z.compile` makes a
 * closure for each optional field, which for a message of sixty fields takes as long as parsing a fifth of it.
 *
 * What is not written out here (recursion, formats, rarer checks) is left to the schema itself, so that a value which
 * passes is one that the schema passes.
 */
export function compileCheck(schema: z.ZodType): Check {
  const code = new CheckCode();
  const root = code.expressionFor(schema as unknown as Schema, 'value');
  // Made of the schemas of this package; nothing of what is checked is ever in it.
  const make = compileFunction(`${code.functions.join('\n')}\nreturn (value) => ${root};`, ['checks']);
  return make(code.checks) as Check;
}

/** What is read of a definition, by its type. */
const PROPERTIES: Readonly<Partial<Record<string, readonly string[]>>> = {
  unknown: [],
  boolean: [],
  number: [],
  string: [],
  optional: ['innerType'],
  nullable: ['innerType'],
  literal: ['values'],
  enum: ['entries'],
  array: ['element'],
  union: ['options', 'discriminator', 'inclusive'],
  record: ['keyType', 'valueType'],
  object: ['shape', 'catchall'],
};
const COMMON_PROPERTIES = ['type', 'checks', 'error'];
const CHECK_PROPERTIES = ['check', 'type', 'minimum', 'maximum', 'when', 'fn', 'error', 'abort', 'params'];

class CheckCode {
  readonly functions: string[] = [];
  /** Checks that are called, not written out. */
  readonly checks: Check[] = [];
  readonly #names = new Map<Schema, string>();

  /** An expression that says whether what `value` names is as the schema says. */
  expressionFor(schema: Schema, value: string): string {
    const { def } = schema._zod;
    if (schema === (SequenceSchema as unknown)) return `(Number.isSafeInteger(${value}) && ${value} >= 0)`;
    if (!isUnderstood(def)) return this.#delegate(schema, value);
    if (def.type === 'string') return this.#text(schema, def, value);
    if (def.checks !== undefined && def.checks.length > 0) return this.#checked(schema, def, value);
    return this.#unchecked(schema, def, value);
  }

  /** Of what a schema says without its checks. */
  #unchecked(schema: Schema, def: Schema['_zod']['def'], value: string): string {
    if (def.type === 'unknown') return 'true';
    if (def.type === 'boolean') return `typeof ${value} === 'boolean'`;
    if (def.type === 'number') return `Number.isFinite(${value})`;
    if (def.type === 'optional') return `(${value} === undefined || ${this.expressionFor(inner(def), value)})`;
    if (def.type === 'nullable') return `(${value} === null || ${this.expressionFor(inner(def), value)})`;
    if (def.type === 'literal' && areSimple(def.values)) return isAnyOf(value, def.values);
    if (def.type === 'enum' && areSimple(Object.values(def.entries))) return isAnyOf(value, Object.values(def.entries));
    if (def.type === 'array') return this.#call(schema, value, () => this.#list(def.element as Schema));
    if (def.type === 'union') return this.#call(schema, value, () => this.#union(def));
    if (def.type === 'record' && isPlainText(def.keyType as Schema)) {
      return this.#call(schema, value, () => this.#record(def.valueType as Schema));
    }
    if (def.type === 'object' && ['never', 'unknown', undefined].includes(def.catchall?._zod.def.type)) {
      return this.#call(schema, value, () => this.#object(def));
    }
    return this.#delegate(schema, value);
  }

  /** The name of a function for a schema that is used in several places is the same in all of them. */
  #call(schema: Schema, value: string, body: () => string): string {
    let name = this.#names.get(schema);
    if (name === undefined) {
      name = `check${this.#names.size}`;
      this.#names.set(schema, name);
      this.functions.push(`function ${name}(value) { ${body()} }`);
    }
    return `${name}(${value})`;
  }

  #delegate(schema: Schema, value: string): string {
    const index = this.checks.push((given) => (schema as unknown as z.ZodType).validate(given)) - 1;
    return `checks[${index}](${value})`;
  }

  #text(schema: Schema, def: z.core.$ZodStringDef, value: string): string {
    const checks = this.#checks(def, value);
    if (checks === undefined) return this.#delegate(schema, value);
    return checks.length === 0
      ? `typeof ${value} === 'string'`
      : `(typeof ${value} === 'string' && ${checks.join(' && ')})`;
  }

  /** A list, an object or a union with checks: those are asked once the rest has passed, as the schema does. */
  #checked(schema: Schema, def: Schema['_zod']['def'], value: string): string {
    const isWritten = def.type === 'array' || def.type === 'object' || def.type === 'union';
    const checks = isWritten ? this.#checks(def, value) : undefined;
    if (checks === undefined) return this.#delegate(schema, value);
    return `(${[this.#unchecked(schema, def, value), ...checks].join(' && ')})`;
  }

  /** Expressions for lengths and refinements; undefined when there are checks of another kind. */
  #checks({ checks = [] }: z.core.$ZodTypeDef, value: string): string[] | undefined {
    const parts: string[] = [];
    for (const check of checks) {
      const one = check._zod.def as CheckDef;
      if (!hasOnly(one, CHECK_PROPERTIES)) return undefined;
      if (one.check === 'min_length') parts.push(`${value}.length >= ${one.minimum}`);
      else if (one.check === 'max_length') parts.push(`${value}.length <= ${one.maximum}`);
      else if (one.check === 'custom' && one.fn !== undefined && one.when === undefined) {
        const { fn } = one;
        parts.push(`checks[${this.checks.push((given) => Boolean(fn(given))) - 1}](${value})`);
      } else if (one.check === 'custom' && one.fn === undefined && one.when === undefined) {
        parts.push(
          `checks[${this.checks.push((given) => findsNothing(check as z.core.$ZodCheck<unknown>, given)) - 1}](${value})`,
        );
      } else return undefined;
    }
    return parts;
  }

  #list(element: Schema): string {
    const isElement = this.expressionFor(element, 'element');
    return `if (!Array.isArray(value)) return false;
      for (const element of value) if (!(${isElement})) return false;
      return true;`;
  }

  #record(valueType: Schema): string {
    return `if (${NO_OBJECT}) return false;
      for (const key in value) {
        if (key !== '__proto__' && !(${this.expressionFor(valueType, 'value[key]')})) return false;
      }
      return true;`;
  }

  #object({ shape, catchall }: z.core.$ZodObjectDef): string {
    const fields = Object.entries(shape).map(([key, field]) =>
      this.expressionFor(field as Schema, `value[${JSON.stringify(key)}]`),
    );
    const isStrict = catchall?._zod.def.type === 'never';
    const known = JSON.stringify(Object.keys(shape));
    return `if (${NO_OBJECT}) return false;
      ${isStrict ? `for (const key in value) if (!${known}.includes(key)) return false;` : ''}
      return ${fields.length === 0 ? 'true' : fields.join(' && ')};`;
  }

  #union(def: z.core.$ZodUnionDef & { discriminator?: string }): string {
    const options = def.options as readonly Schema[];
    if (def.discriminator === undefined) {
      return `return ${options.map((option) => this.expressionFor(option, 'value')).join(' || ')};`;
    }
    const { discriminator } = def;
    const cases = options.map((option) => {
      const names = [...(option._zod.propValues?.[discriminator] ?? [])];
      const labels = names.map((name) => `case ${JSON.stringify(name)}:`).join(' ');
      return `${labels} return ${this.expressionFor(option, 'value')};`;
    });
    return `if (${NO_OBJECT}) return false;
      switch (value[${JSON.stringify(discriminator)}]) { ${cases.join(' ')} }
      return false;`;
  }
}

const NO_OBJECT = "typeof value !== 'object' || value === null || Array.isArray(value)";

/** Asks a check that names the places it objects to. */
function findsNothing(check: z.core.$ZodCheck<unknown>, value: unknown): boolean {
  const payload: z.core.ParsePayload = { value, issues: [] };
  void check._zod.check(payload);
  return payload.issues.length === 0;
}

/** Whether everything that a definition says is known here: a property that a later zod adds may change what passes. */
function isUnderstood(def: Schema['_zod']['def']): boolean {
  const properties = PROPERTIES[def.type];
  if (properties === undefined || !hasOnly(def, [...COMMON_PROPERTIES, ...properties])) return false;
  // One that takes exactly one of its options.
  return !('inclusive' in def && def.inclusive === false && !('discriminator' in def));
}

function hasOnly(def: object, properties: readonly string[]): boolean {
  return Object.keys(def).every((name) => properties.includes(name));
}

function isPlainText({ _zod: { def } }: Schema): boolean {
  return def.type === 'string' && isUnderstood(def) && (def.checks ?? []).length === 0;
}

function inner({ innerType }: { readonly innerType: z.core.$ZodType }): Schema {
  return innerType as Schema;
}

/** Whether a value is one of these exactly when `===` says so. */
function areSimple(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string' || typeof value === 'boolean');
}

function isAnyOf(value: string, values: readonly unknown[]): string {
  return `(${values.map((one) => `${value} === ${JSON.stringify(one)}`).join(' || ')})`;
}
