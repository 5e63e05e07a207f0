import type * as z from 'zod';
import { isValid } from './checks.ts';

/** Something in a value that is sent as it is, but may not do what its author hopes for. Names places, never values. */
export interface Advice {
  /** Where, as in `content.elements.0.title`. */
  readonly path: string;
  readonly advice: string;
}

type Schema = z.core.$ZodTypes;

const UNKNOWN = 'is not known here and goes out as it is';

/**
 * What stands in a valid value that its schema does not know (fields, types of elements, of actions, of metadata, values of an open list), and what
 * is longer than all channels show. The platform is ahead of its public schemas, so none of it is an error.
 */
export function adviceOn(schema: z.ZodType, value: unknown): Advice[] {
  const found: Advice[] = [];
  visit(schema, value, '', found);
  return found;
}

function visit(schema: z.ZodType, value: unknown, path: string, found: Advice[]): void {
  if (value === undefined || value === null) return;
  const { advised, examples } = schema.meta() ?? {};
  if (typeof advised === 'number' && lengthOf(value) > advised)
    found.push({ path, advice: `is longer than the ${advised} that every channel shows` });
  const { def } = (schema as unknown as Schema)._zod;
  // Only an open enum has examples.
  if (Array.isArray(examples) && !examples.includes(value)) found.push({ path, advice: UNKNOWN });
  if (def.type === 'optional') visit(def.innerType as z.ZodType, value, path, found);
  else if (def.type === 'lazy') visit(def.getter() as z.ZodType, value, path, found);
  else if (def.type === 'object') visitObject(def, value as Readonly<Record<string, unknown>>, path, found);
  else if (def.type === 'array') {
    for (const [index, item] of asList(value).entries())
      visit(def.element as z.ZodType, item, join(path, index), found);
  } else if (def.type === 'union') {
    const fitting = (def.options as readonly z.ZodType[]).find((option) => isValid(option, value));
    if (fitting !== undefined) visit(fitting, value, path, found);
  }
}

function visitObject(
  { shape, catchall }: z.core.$ZodObjectDef,
  value: Readonly<Record<string, unknown>>,
  path: string,
  found: Advice[],
): void {
  for (const discriminator of ['type', 'contentType']) {
    if (!isOther(shape[discriminator])) continue;
    found.push({ path: join(path, discriminator), advice: UNKNOWN });
    return;
  }
  const fields = Object.keys(shape);
  for (const key of Object.keys(value)) {
    // Every object has a `constructor` and more by inheritance.
    const field = fields.includes(key) ? shape[key] : undefined;
    if (field !== undefined) visit(field as z.ZodType, value[key], join(path, key), found);
    // An object without a single known field is open by design.
    else if (catchall?._zod.def.type === 'unknown' && fields.length > 0)
      found.push({ path: join(path, key), advice: UNKNOWN });
  }
}

/** Whether a field is the name of something that is not known: see `otherText`. */
function isOther(field: z.core.$ZodType | undefined): boolean {
  const { def } = (field as Schema | undefined)?._zod ?? {};
  return (def?.checks ?? []).some((check) => (check._zod.def as { params?: { other?: true } }).params?.other === true);
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function join(path: string, key: PropertyKey): string {
  return path === '' ? String(key) : `${path}.${String(key)}`;
}
