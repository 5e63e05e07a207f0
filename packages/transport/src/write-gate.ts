import type { Logger } from '@lp/core';
import { toError } from '@lp/core/internal';

/** Decides, each time before a request's bytes are written, whether they may be: for owners of a lease, or of a quota. */
export interface WriteGate {
  /** False makes a request wait in the outbox, within its time-out. Called very often: return at once. A throw counts as false. */
  mayWrite(): boolean;
  /** Registers what is called when the gate has opened; returns how to stop. */
  onOpen(listener: () => void): () => void;
}

/** The gate's word, with a gate that throws taken for closed: a fence that fails must not let anything through. */
export function guardGate(gate: WriteGate | undefined, logger: Logger): () => boolean {
  if (!gate) return () => true;
  return () => {
    try {
      return gate.mayWrite() === true;
    } catch (thrown) {
      logger.error('the write gate threw; it counts as closed', { error: toError(thrown).name });
      return false;
    }
  };
}
