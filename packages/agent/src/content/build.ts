import { ConfigError } from '@lp/core';
import { withoutJsonForm } from '@lp/core/internal';
import { describeIssues, listIssues } from '@lp/schemas';
import type * as z from 'zod';
import { CHANNELS, type Channel } from './channels.ts';

/** What every builder takes beside its content. */
export interface ContentOptions {
  /** Makes what this channel shows, and checks its limits. Default: the form of the web, and the general limits. */
  readonly channel?: Channel | undefined;
}

/** Checks what a builder has made, and hands it out frozen: it is exactly what goes on the wire. */
export function build<T>(builder: string, schema: z.ZodType<T>, content: unknown): T {
  let parsed: z.ZodSafeParseResult<T>;
  try {
    parsed = schema.safeParse(content);
    if (parsed.success) return freeze(content) as T;
  } catch (cause) {
    throw withoutJsonForm(`${builder}: it`, cause);
  }
  throw new ConfigError(`${builder}: ${listIssues(describeIssues(parsed.error).slice(0, 1), 'it')}`);
}

/** Refuses a text that is longer than is shown. `what` names it, as in "reply 3 has a title". */
export function checkLength(builder: string, what: string, text: string, shown: number): void {
  if (typeof text !== 'string') throw new ConfigError(`${builder}: ${what} that is not a text`);
  if (text.trim() === '') throw new ConfigError(`${builder}: ${what} without a character that shows`);
  if (text.length > shown)
    throw new ConfigError(`${builder}: ${what} of ${text.length} characters; ${shown} are shown`);
}

/** Refuses a list that is empty or has more than is shown. `what` names its items, as in "replies". */
export function checkCount(
  builder: string,
  what: string,
  items: readonly unknown[],
  [least, most]: [number, number],
): void {
  if (!Array.isArray(items)) throw new ConfigError(`${builder}: the ${what} must be a list`);
  if (items.length >= least && items.length <= most) return;
  throw new ConfigError(`${builder}: ${items.length} ${what}; ${least} to ${most} can be shown`);
}

/** Refuses what is no object. `what` names it and how it is made, as in "button 1 must be made by button". */
export function checkObject(builder: string, what: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new ConfigError(`${builder}: ${what}`);
}

/** Refuses a channel that is not known. */
export function checkChannel(builder: string, channel: Channel | undefined): void {
  if (channel === undefined || CHANNELS.includes(channel)) return;
  throw new ConfigError(`${builder}: channel must be ${CHANNELS.map((one) => `'${one}'`).join(' | ')}`);
}

export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
