import { ConfigError } from '@lp/core';

/** @throws ConfigError that names an option which does not exist: a slip of the pen must not pass as a default. */
export function checkKeys(where: string, options: object, known: readonly string[]): void {
  for (const key in options) {
    if (!known.includes(key))
      throw new ConfigError(`${where}: there is no option ${key}; there are ${known.join(', ')}`);
  }
}
