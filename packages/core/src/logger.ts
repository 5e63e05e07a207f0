import { defaultLogger } from './default-logger.ts';
import { ConfigError, type SafeContext } from './errors.ts';
import { hasMethods, LOGGER_METHODS, objectWith } from './options-checker.ts';

/** One line of a log: a fixed sentence and safe facts. */
export type LogMethod = (message: string, fields?: SafeContext) => void;

/**
 * Where log lines go: any object with these four methods, called with the text first and the facts second. `console`,
 * winston, consola and loglevel fit as they are. So do pino, bunyan and their children, which want the facts first: they
 * are recognised. For another logger of that kind there is {@link fieldsFirst}.
 */
export interface Logger {
  /** What helps to find a fault; many lines. */
  debug: LogMethod;
  /** What happens in the normal course: logins, reconnects. */
  info: LogMethod;
  /** What went wrong and was put right. */
  warn: LogMethod;
  /** What went wrong and stays so. */
  error: LogMethod;
}

/** Where log lines go: a logger, `false` for nowhere; left out: warnings and errors to stderr. */
export type LoggerOption = Logger | false | undefined;

type Name = keyof Logger;

const nothing: LogMethod = () => undefined;
const ignore = (): void => undefined;

/** Says nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The order in which lines matter; `off` is silence. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'off';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'off'];

/** A logger whose methods take the facts first and the text second, as those of pino and bunyan do. */
export type FieldsFirstLogger = { readonly [N in Name]: (fields: SafeContext, message: string) => void };

/**
 * Turns the arguments round for a logger that takes the facts first and the text second.
 * @throws ConfigError for what is not a logger.
 */
export function fieldsFirst(logger: FieldsFirstLogger): Logger {
  checkLogger('fieldsFirst', logger);
  return made((name) => (message, fields) => logger[name](fields ?? {}, message));
}

/**
 * A logger that passes on lines of `level` and above.
 * @throws ConfigError for what is not a logger, and for a level that there is not.
 */
export function withLogLevel(logger: Logger, level: LogLevel): Logger {
  checkLogger('withLogLevel', logger);
  const lowest = LEVELS.indexOf(level);
  if (lowest === -1) throw new ConfigError(`withLogLevel: the level must be one of: ${LEVELS.join(', ')}`);
  const textFirst = inOrder(logger);
  return made((name) =>
    LEVELS.indexOf(name) < lowest ? nothing : (message, fields) => textFirst[name](message, fields),
  );
}

/** The logger that an option stands for. Its failures never reach the caller: a broken log must not break a connection. */
export function guardLogger(option: LoggerOption): Logger {
  if (option === false) return silentLogger;
  const logger = inOrder(option ?? defaultLogger);
  return made((name) => (message, fields) => {
    try {
      const written: unknown = logger[name](message, fields);
      // One that writes to a file or a service may fail later.
      if (written instanceof Promise) written.catch(ignore);
    } catch {
      // Nowhere is left to report it to.
    }
  });
}

function checkLogger(maker: string, logger: unknown): void {
  if (!hasMethods(logger, LOGGER_METHODS)) {
    throw new ConfigError(`${maker}: the logger must be ${objectWith(LOGGER_METHODS)}`);
  }
}

function inOrder(logger: Logger): Logger {
  return takesFieldsFirst(logger) ? fieldsFirst(logger as unknown as FieldsFirstLogger) : logger;
}

// Children inherit the first from the logger they were made of; bunyan's have the second, and no other logger known has both.
function takesFieldsFirst(logger: object): boolean {
  return Symbol.for('pino.serializers') in logger || ('addSerializers' in logger && 'addStream' in logger);
}

function made(method: (name: Name) => LogMethod): Logger {
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') };
}
