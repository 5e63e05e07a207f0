import { ConfigError } from '@lp/core';

/** Checks an options object name by name; each name that is checked is thereby known. */
export interface OptionsChecker<T> {
  functions(names: readonly (keyof T & string)[], rule?: { required?: boolean }): void;
  objects(names: readonly (keyof T & string)[], rule?: { orFalse?: boolean }): void;
  /** Milliseconds, above 0 unless `zero`. */
  durations(names: readonly (keyof T & string)[], rule?: { zero?: boolean }): void;
  /** Whole numbers of at least 1. */
  counts(names: readonly (keyof T & string)[]): void;
  oneOf(name: keyof T & string, values: readonly string[]): void;
  /** Whatever `isAllowed` takes; `allowed` says it in words. */
  some(names: readonly (keyof T & string)[], allowed: string, isAllowed: (value: unknown) => boolean): void;
  /** Refuses every name that was not checked. */
  nothingElse(): void;
}

/** Makes an {@link OptionsChecker}. Its messages name the option and what is allowed, never the value. */
export function optionsChecker<T extends object>(options: T, path: string): OptionsChecker<T> {
  if (typeof options !== 'object' || options === null) throw new ConfigError(`${path} must be an object`);
  const known = new Set<string>();
  const values = options as Record<string, unknown>;

  function expect(names: readonly string[], allowed: string, isAllowed: (value: unknown) => boolean): void {
    for (const name of names) {
      known.add(name);
      const value = values[name];
      if (value !== undefined && !isAllowed(value)) throw new ConfigError(`${path}.${name} must be ${allowed}`);
    }
  }

  return {
    functions(names, rule = {}) {
      expect(names, 'a function', (value) => typeof value === 'function');
      const missing = rule.required === true ? names.find((name) => values[name] === undefined) : undefined;
      if (missing !== undefined) throw new ConfigError(`${path}.${missing} is missing; it must be a function`);
    },
    objects(names, rule = {}) {
      const orFalse = rule.orFalse === true;
      expect(
        names,
        orFalse ? 'an object or false' : 'an object',
        (value) => (typeof value === 'object' && value !== null) || (orFalse && value === false),
      );
    },
    durations(names, rule = {}) {
      const zero = rule.zero === true;
      expect(
        names,
        zero ? 'a number of milliseconds of at least 0' : 'a number of milliseconds above 0',
        (value) => typeof value === 'number' && Number.isFinite(value) && (zero ? value >= 0 : value > 0),
      );
    },
    counts: (names) =>
      expect(names, 'a whole number of at least 1', (value) => Number.isSafeInteger(value) && (value as number) >= 1),
    oneOf: (name, allowed) =>
      expect([name], `one of: ${allowed.join(', ')}`, (value) => typeof value === 'string' && allowed.includes(value)),
    some: expect,
    nothingElse() {
      const unknown = Object.keys(values).find((name) => !known.has(name));
      if (unknown !== undefined) {
        throw new ConfigError(`${path}.${unknown} is not an option; known are: ${[...known].join(', ')}`);
      }
    },
  };
}
