import type { SafeContext } from './errors.ts';

/** One line of a log: a fixed sentence and safe facts. */
export type LogMethod = (message: string, fields?: SafeContext) => void;

/** Where log lines go. `console` fits; so does any logger with these four methods. The default is silence. */
export interface Logger {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
}

const nothing: LogMethod = () => undefined;

/** Says nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The order in which lines matter; `off` is silence. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'off';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'off'];

/** A logger that passes on lines of `level` and above. */
export function withLogLevel(logger: Logger, level: LogLevel): Logger {
  const lowest = LEVELS.indexOf(level);
  const pick = (name: 'debug' | 'info' | 'warn' | 'error'): LogMethod =>
    LEVELS.indexOf(name) >= lowest ? (message, fields) => logger[name](message, fields) : nothing;
  return { debug: pick('debug'), info: pick('info'), warn: pick('warn'), error: pick('error') };
}

/** A logger whose failures never reach the caller: a broken log must not break a connection. */
export function guardLogger(logger: Logger | undefined): Logger {
  if (!logger) return silentLogger;
  const guard =
    (name: 'debug' | 'info' | 'warn' | 'error'): LogMethod =>
    (message, fields) => {
      try {
        logger[name](message, fields);
      } catch {
        // Nowhere is left to report it to.
      }
    };
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}
