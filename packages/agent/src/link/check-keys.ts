import { unknownOption } from '@lp/core/internal';

/** @throws ConfigError that names an option which does not exist: a misspelt name must not pass as a default. */
export function checkKeys(where: string, options: object, known: readonly string[]): void {
  for (const key in options) if (!known.includes(key)) throw unknownOption(where, key, known);
}
