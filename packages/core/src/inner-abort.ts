import { onAbort } from './on-abort.ts';

class Inner extends EventTarget implements AbortSignal {
  readonly onabort = null;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.dispatchEvent(new Event('abort'));
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }
}

/** An AbortSignal that is its own controller. */
export interface InnerAbort extends AbortSignal {
  abort(reason?: unknown): void;
}

/**
 * An AbortSignal and its controller in one, for what is made once for each of many conversations: each signal of Node.js's
 * own is an object of a kind by itself, which makes all code slow that looks at it (15 µs for one that is waited on twice,
 * and 3 for this). For code of these packages alone: what others see is its {@link nativeSignal}.
 *
 * Its class is not exported: what an AbortSignal has differs between the libraries of TypeScript's versions, and a
 * declared class that implements one does not compile with another.
 */
export const InnerAbort: new () => InnerAbort = Inner;

/** The same as a signal of the platform's own, which its functions ask for. */
export function nativeSignal(signal: AbortSignal): AbortSignal {
  if (!(signal instanceof InnerAbort)) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else onAbort(signal, () => controller.abort(signal.reason));
  return controller.signal;
}
