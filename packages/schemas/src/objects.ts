import * as z from 'zod';

type Shape = z.core.$ZodLooseShape;

/** Fields that are not known here: they go out as they are, and a warning names them. */
export interface OpenFields {
  [field: string]: unknown;
}

/**
 * An object's schema, unknown fields allowed, whose fields are made when it is used first: a program uses a few of all
 * frames, and making the schemas of every field would be most of what an import costs.
 */
export function looseObject<T extends Shape>(fields: () => T): z.ZodObject<T, z.core.$loose> {
  return z.looseObject(later(fields)) as z.ZodObject<T, z.core.$loose>;
}

/** The same, unknown fields refused. */
export function strictObject<T extends Shape>(fields: () => T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(later(fields)) as z.ZodObject<T, z.core.$strict>;
}

/** zod reads a shape once, when it is needed, as it does for the getters of recursive objects. */
function later<T extends Shape>(make: () => T): T {
  let made: T | undefined;
  const shape = (): T => {
    made ??= make();
    return made;
  };
  return new Proxy({} as T, {
    ownKeys: () => Reflect.ownKeys(shape()),
    has: (_, key) => Reflect.has(shape(), key),
    get: (_, key) => Reflect.get(shape(), key) as unknown,
    getOwnPropertyDescriptor: (_, key) =>
      // A union asks each of its options, when it is made itself, whether it has the field that tells them apart.
      made === undefined
        ? { configurable: true, enumerable: true, get: () => Reflect.get(shape(), key) as unknown }
        : Reflect.getOwnPropertyDescriptor(made, key),
  });
}
