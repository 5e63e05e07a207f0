import { ConfigError } from './errors.ts';

/**
 * What is said of a value that breaks what reads it, `what` being the beginning of the message. The cause is kept: a getter
 * or `toJSON` of the caller's may have thrown it.
 */
export function withoutJsonForm(what: string, cause: unknown): ConfigError {
  const rule = 'nothing in it may hold itself, be a BigInt, lie thousands of levels deep, or throw when it is read';
  return new ConfigError(`${what} cannot be written as JSON: ${rule}`, { cause });
}

/** A caller's object as JSON text. @throws ConfigError when it has none. */
export function jsonText(what: string, value: object): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw withoutJsonForm(what, cause);
  }
}
