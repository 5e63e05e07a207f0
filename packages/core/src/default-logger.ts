import { printLine } from '#stderr';
import type { SafeContext, SafeValue } from './errors.ts';
import type { Logger } from './logger.ts';

/**
 * What is used without a logger: warnings and errors, each as one line on stderr (in browsers: on the console), with the
 * time, the level and the facts. The stack of an exception of the application's own code, with those of its causes, follows on lines of its own.
 */
export const defaultLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, fields) => printLine('warn', formatLine('WARN', message, fields)),
  error: (message, fields) => printLine('error', formatLine('ERROR', message, fields)),
};

/** A line as people read it: `2026-01-31T12:00:00.000Z WARN @lp: what happened (closeCode=1006, host="…")`. */
export function formatLine(level: string, message: string, fields: SafeContext = {}): string {
  const { stack, ...rest } = fields;
  const facts = Object.entries(rest).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${inWords(value)}`,
  );
  const inBrackets = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  const below = typeof stack === 'string' ? `\n${stack.replace(/^/gm, '    ')}` : '';
  return `${new Date().toISOString()} ${level} @lp: ${message}${inBrackets}${below}`;
}

// Quoted where it is more than a word, so that no value can end the line or pass for another fact.
function inWords(value: Exclude<SafeValue, undefined>): string {
  const text = String(value);
  return /^[\w.:,@/+-]+$/.test(text) ? text : JSON.stringify(text);
}
