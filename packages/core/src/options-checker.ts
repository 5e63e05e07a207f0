import { type Clock, checkSignal } from './clock.ts';
import { ConfigError } from './errors.ts';
import type { Logger } from './logger.ts';
import { codeOf } from './network-errors.ts';
import type { StreamOptions } from './stream.ts';

/** Checks an options object name by name; each name that is checked is thereby known. */
export interface OptionsChecker<T> {
  functions(names: readonly (keyof T & string)[], rule?: { required?: boolean }): void;
  /** `methods`: what they must be able to do. */
  objects(
    names: readonly (keyof T & string)[],
    rule?: { methods?: readonly string[]; orFalse?: boolean; required?: boolean },
  ): void;
  clocks(names: readonly (keyof T & string)[]): void;
  /** Loggers, or false. */
  loggers(names: readonly (keyof T & string)[]): void;
  /** Texts of at least one character. */
  texts(names: readonly (keyof T & string)[], rule?: { required?: boolean }): void;
  booleans(names: readonly (keyof T & string)[]): void;
  /** Milliseconds, above 0 unless `zero`. */
  durations(names: readonly (keyof T & string)[], rule?: { zero?: boolean; orFalse?: boolean }): void;
  /** Whole numbers of at least 1. */
  counts(names: readonly (keyof T & string)[]): void;
  oneOf(name: keyof T & string, values: readonly string[], rule?: { required?: boolean }): void;
  /** Lists of texts of at least one character, or of these `values` alone; `orOne`: one by itself too, `filled`: not empty. */
  lists(
    names: readonly (keyof T & string)[],
    rule?: { values?: readonly string[]; orOne?: boolean; filled?: boolean },
  ): void;
  signals(names: readonly (keyof T & string)[]): void;
  /** Whatever `isAllowed` takes; `allowed` says it in words. */
  some(names: readonly (keyof T & string)[], allowed: string, isAllowed: (value: unknown) => boolean): void;
  /** Names whose values are checked elsewhere. */
  known(names: readonly (keyof T & string)[]): void;
  /** Refuses every name that was not checked, and says which one was probably meant. */
  nothingElse(): void;
}

/** Makes an {@link OptionsChecker}. Its messages name the option and what is allowed, never the value. */
export function optionsChecker<T extends object>(options: T, path: string): OptionsChecker<T> {
  if (typeof options !== 'object' || options === null) throw new ConfigError(`${path} must be an object`);
  const known = new Set<string>();
  const values = options as Record<string, unknown>;

  function expect(
    names: readonly string[],
    allowed: string,
    isAllowed: (value: unknown) => boolean,
    required = false,
  ): void {
    for (const name of names) {
      known.add(name);
      const value = values[name];
      if (value === undefined) {
        if (required) throw new ConfigError(`${path}.${name} is missing; it must be ${allowed}`);
      } else if (!isAllowed(value)) {
        throw new ConfigError(`${path}.${name} must be ${allowed}`);
      }
    }
  }

  function expectObjects(
    names: readonly string[],
    { methods = [], orFalse = false, required = false }: Parameters<OptionsChecker<T>['objects']>[1] = {},
  ): void {
    const allowed = objectWith(methods, orFalse);
    expect(names, allowed, (value) => hasMethods(value, methods) || (orFalse && value === false), required);
  }

  return {
    functions: (names, { required } = {}) =>
      expect(names, 'a function', (value) => typeof value === 'function', required),
    objects: expectObjects,
    clocks: (names) => expectObjects(names, { methods: CLOCK_METHODS }),
    loggers: (names) => expectObjects(names, { methods: LOGGER_METHODS, orFalse: true }),
    texts: (names, { required } = {}) =>
      expect(names, 'a text of at least one character', (value) => typeof value === 'string' && value !== '', required),
    booleans: (names) => expect(names, 'true or false', (value) => typeof value === 'boolean'),
    durations(names, { zero = false, orFalse = false } = {}) {
      const allowed = `a number of milliseconds ${zero ? 'of at least 0' : 'above 0'}${orFalse ? ', or false' : ''}`;
      const isDuration = (value: unknown) => Number.isFinite(value) && (zero ? Number(value) >= 0 : Number(value) > 0);
      expect(names, allowed, (value) => isDuration(value) || (orFalse && value === false));
    },
    counts: (names) =>
      expect(names, 'a whole number of at least 1', (value) => Number.isSafeInteger(value) && (value as number) >= 1),
    oneOf(name, allowed, { required } = {}) {
      const isOne = (value: unknown) => typeof value === 'string' && allowed.includes(value);
      expect([name], `one of: ${allowed.join(', ')}`, isOne, required);
    },
    lists(names, { values, orOne = false, filled = false } = {}) {
      const isItem = (value: unknown) =>
        typeof value === 'string' && (values === undefined ? value !== '' : values.includes(value));
      const isList = (value: unknown) => Array.isArray(value) && value.every(isItem) && (!filled || value.length > 0);
      const list = `${filled ? 'a list that is not empty' : 'a list'}, each of it`;
      const item = values === undefined ? 'a text of at least one character' : `one of: ${values.join(', ')}`;
      expect(
        names,
        `${list} ${item}${orOne ? ' (or that alone)' : ''}`,
        (value) => isList(value) || (orOne && isItem(value)),
      );
    },
    signals(names) {
      for (const name of names) {
        known.add(name);
        if (values[name] !== undefined) checkSignal(values[name], `${path}.${name}`);
      }
    },
    some: (names, allowed, isAllowed) => expect(names, allowed, isAllowed),
    known(names) {
      for (const name of names) known.add(name);
    },
    nothingElse() {
      checkOptionNames(path, values, [...known]);
    },
  };
}

export const CLOCK_METHODS: readonly (keyof Clock)[] = ['now', 'setTimer'];
export const LOGGER_METHODS: readonly (keyof Logger)[] = ['debug', 'info', 'warn', 'error'];

/** Whether a value is an object, or a function, that can do all this. */
export function hasMethods(value: unknown, methods: readonly string[]): boolean {
  const isObject = (typeof value === 'object' && value !== null) || (typeof value === 'function' && methods.length > 0);
  return isObject && methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

/** What {@link hasMethods} takes, in words. */
export function objectWith(methods: readonly string[], orFalse = false): string {
  if (methods.length === 0) return orFalse ? 'an object or false' : 'an object';
  const list = methods.join(', ').replace(/, (?=\w+$)/, ' and ');
  return `an object with the method${methods.length > 1 ? 's' : ''} ${list}${orFalse ? ', or false' : ''}`;
}

/** Refuses options that are no object: whoever reads one of them before the rest is checked. */
export function checkObject(path: string, options: object): void {
  if (typeof options !== 'object' || options === null) throw new ConfigError(`${path}: the options must be an object`);
}

/**
 * Refuses a name that is not among those known: a misspelt one must not pass as a default. What takes values that are
 * checked elsewhere, or not at all, needs no more than this of a checker.
 */
export function checkOptionNames<T extends object>(
  path: string,
  options: T,
  known: readonly (keyof T & string)[],
): void {
  checkObject(path, options);
  // Inherited names too: options may be made with a prototype.
  for (const name in options) if (!known.includes(name)) throw unknownOption(path, name, known);
}

/**
 * As {@link checkOptionNames}, for what gives a stream, which checks what every stream takes; `more`: what this one takes
 * besides, `texts`: those that are texts.
 */
export function checkStreamOptions<T extends StreamOptions>(
  path: string,
  options: T,
  more: readonly (keyof T & string)[] = [],
  texts: readonly (keyof T & string)[] = [],
): void {
  const check = optionsChecker(options, path);
  check.texts(texts);
  check.known(['signal', 'capacity', ...more]);
  check.nothingElse();
}

/** The error for an option that does not exist. */
function unknownOption(path: string, name: string, known: readonly string[]): ConfigError {
  const shown = /^[\w$.-]{1,64}$/.test(name) ? `${path}.${name}` : `a name given to ${path}`;
  const meant = nearestName(name, known);
  const hint = meant === undefined ? `known are: ${known.join(', ')}` : `did you mean ${meant}?`;
  return new ConfigError(`${shown} is not an option; ${hint}`);
}

const UNIT = /(?:ms|millis|milliseconds|secs?|seconds)$/;

/** The known name that was probably meant: the same but for a unit or letter case, or at most a few letters away. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const asked = name.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const text = candidate.toLowerCase();
    const [short, long] = asked.length < text.length ? [asked, text] : [text, asked];
    const isOfOtherUnit = UNIT.test(text) && asked.replace(UNIT, '') === text.replace(UNIT, '');
    const isPart = isOfOtherUnit || (short.length >= 4 && (long.startsWith(short) || long.endsWith(short)));
    const distance = isPart ? Math.abs(text.length - asked.length) / 10 : editDistance(asked, text);
    if (distance <= Math.min(3, asked.length / 3) && distance < (best?.distance ?? Infinity)) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

/** The flag that was probably meant by one that `parseArgs` of Node.js does not know; undefined for any other failure of it. */
export function meantFlag(error: unknown, known: readonly string[]): string | undefined {
  const isUnknown = codeOf(error) === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
  const [, flag] = (isUnknown && /'--?([\w-]+)'/.exec(String((error as { message?: unknown }).message))) || [];
  return flag === undefined ? undefined : nearestName(flag, known);
}

/** How many letters must be put in, left out, replaced or changed places with the next to make one text of the other. */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= Math.min(from.length, 64); i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const ways = [(next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1)];
      next.push(Math.min(...ways, swapped ? (before[j - 2] ?? 0) + 1 : Infinity));
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? Infinity;
}
