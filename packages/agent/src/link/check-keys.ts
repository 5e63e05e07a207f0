import { ConfigError } from '@lp/core';
import { unknownOption } from '@lp/core/internal';

/** @throws ConfigError that names an option which does not exist: a misspelt name must not pass as a default. */
export function checkKeys(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new ConfigError(`${where}: the options must be an object`);
  for (const key in options) if (!known.includes(key)) throw unknownOption(where, key, known);
}

/** As {@link checkKeys}, for a method that gives a stream; `more`: what it takes besides what every stream does. */
export function checkStreamOptions(where: string, options: object, more: readonly string[] = []): void {
  checkKeys(where, options, ['signal', 'capacity', ...more]);
}
