import type { EventEmitter } from 'node:events';

const WARNING_SPACING_MS = 60_000;

/**
 * Calls what belongs to the program. What it throws is uncaught, as from any listener, and a turn later: it must not
 * harm the frame behind, nor be taken for a failure of the engine.
 */
export function callProgram(callback: () => void): void {
  try {
    callback();
  } catch (thrown) {
    throwLater(thrown);
  }
}

/** Emits as {@link callProgram} calls. */
export function emitTo(emitter: EventEmitter, event: string, ...parameters: unknown[]): void {
  try {
    emitter.emit(event, ...parameters);
  } catch (thrown) {
    throwLater(thrown);
  }
}

function throwLater(thrown: unknown): void {
  process.nextTick(() => {
    throw thrown;
  });
}

/**
 * Emits errors. Without a listener Node ends the process at an `error`: that is right for one that nothing follows on,
 * and wrong for one that the engine deals with, which is a warning of the process instead, at most one a minute.
 */
export class ErrorTeller {
  readonly #agent: EventEmitter;
  #lastWarning = -Infinity;

  constructor(agent: EventEmitter) {
    this.#agent = agent;
  }

  tell(error: Error, context: object | undefined, final: boolean): void {
    if (final || this.#agent.listenerCount('error') > 0) {
      emitTo(this.#agent, 'error', ...(context ? [error, context] : [error]));
      return;
    }
    const now = Date.now();
    if (now - this.#lastWarning < WARNING_SPACING_MS) return;
    this.#lastWarning = now;
    process.emitWarning(`${error.message} (there is no 'error' listener on the agent)`, 'NodeAgentSdkWarning');
  }
}
