import type { Clock, Logger } from '@lp/core';
import { stackOf, thrownError } from '@lp/core/internal';
import type { StatusEvent, StatusHub } from './status.ts';

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

/** Where the parts of an agent tell what happens: programs read the status, people the log. */
export interface Reporter {
  readonly logger: Logger;
  /** Publishes an event; the time is put on it here. */
  status(event: WithoutTime<StatusEvent>): void;
  /** Tells of an error in the user's own code. The log holds its stack and those of its causes, but for one that is `repeated`. */
  handlerError(where: string, thrown: unknown, conversationId?: string, options?: { repeated?: boolean }): void;
}

/** The {@link Reporter} of one agent. */
export function createReporter(parts: { clock: Clock; logger: Logger; hub: StatusHub }): Reporter {
  const { clock, hub, logger } = parts;
  const status: Reporter['status'] = (event) => hub.publish({ ...event, at: clock.now() } as StatusEvent);
  return {
    logger,
    status,
    handlerError(where, thrown, conversationId, { repeated = false } = {}) {
      const error = thrownError(thrown);
      const known = conversationId === undefined ? {} : { conversationId };
      const { name, message: reason } = error;
      logger.error('code of the application failed', {
        where,
        error: name,
        reason,
        ...known,
        stack: repeated ? undefined : stackOf(error),
      });
      status({ type: 'handlerError', where, ...known, error });
    },
  };
}
