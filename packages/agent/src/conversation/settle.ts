import { ConfigError } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';

/** When what a consumer writes in several messages is handed out as one. */
export interface Settle {
  /** How long the consumer must have been quiet, in milliseconds. */
  quietMs: number;
  /** How long instead when the consumer types, from the last sign of that; default 6,000. */
  typingMs?: number | undefined;
  /** How long after the first message at most, in milliseconds; default 15,000. */
  maxMs?: number | undefined;
  /** How many messages at most; default 10. */
  maxMessages?: number | undefined;
}

/** With every default filled in. */
export interface SettleSettings {
  readonly quietMs: number;
  readonly typingMs: number;
  readonly maxMs: number;
  readonly maxMessages: number;
}

/** @throws ConfigError that names what is wrong. */
export function resolveSettle(settle: Settle): SettleSettings {
  const checker = optionsChecker(settle, 'settle');
  checker.known(['quietMs', 'typingMs', 'maxMs', 'maxMessages']);
  checker.nothingElse();
  const { quietMs, typingMs = 6_000, maxMs = 15_000, maxMessages = 10 } = settle;
  for (const [name, value] of Object.entries({ quietMs, typingMs, maxMs })) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new ConfigError(`settle: ${name} must be a number of milliseconds above 0`);
  }
  if (!Number.isSafeInteger(maxMessages) || maxMessages < 1) {
    throw new ConfigError('settle: maxMessages must be a whole number of at least 1');
  }
  return { quietMs, typingMs, maxMs, maxMessages };
}
