import type { Logger } from '@lp/core';

/** A log for the time of the first connection. */
export interface FirstConnectLog {
  readonly logger: Logger;
  /** The connection stands: from now on nobody else tells what goes wrong. */
  speak(): void;
}

/**
 * With `quiet`, writes warnings and errors as lines of debugging until the first connection stands: what ends that attempt is thrown to
 * the caller of `connectAgent`, who would else read it twice.
 */
export function createFirstConnectLog(logger: Logger, quiet: boolean): FirstConnectLog {
  let speaks = !quiet;
  const quietly =
    (name: 'warn' | 'error'): Logger['warn'] =>
    (message, fields) =>
      logger[speaks ? name : 'debug'](message, fields);
  return {
    logger: { debug: logger.debug, info: logger.info, warn: quietly('warn'), error: quietly('error') },
    speak: () => {
      speaks = true;
    },
  };
}
