interface Listeners {
  readonly calls: Set<() => void>;
  readonly tell: () => void;
}

const bySignal = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls `listener` once when `signal` is aborted; not when it was aborted before. Returns how to stop. However many
 * listeners there are, the signal has one of ours: Node.js takes more than ten on one object for a leak and says so.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = bySignal.get(signal);
  if (!listeners) {
    const calls = new Set<() => void>();
    const tell = () => {
      bySignal.delete(signal);
      signal.removeEventListener('abort', tell);
      for (const call of calls) {
        // One that was stopped by another is not called any more.
        if (calls.delete(call)) call();
      }
    };
    listeners = { calls, tell };
    bySignal.set(signal, listeners);
    signal.addEventListener('abort', tell);
  }
  const { calls, tell } = listeners;
  // A function of its own: the same listener may be given twice.
  const call = () => listener();
  calls.add(call);
  return () => {
    calls.delete(call);
    if (calls.size > 0 || bySignal.get(signal)?.calls !== calls) return;
    bySignal.delete(signal);
    signal.removeEventListener('abort', tell);
  };
}

/**
 * A signal that is aborted with the first of these, for its reason, until `stop` is called. Not `AbortSignal.any`, which
 * Node.js 20 never lets go of while one of them lives.
 */
export function firstAbort(...signals: readonly (AbortSignal | undefined)[]): {
  readonly signal: AbortSignal;
  readonly stop: () => void;
} {
  const first = new AbortController();
  const given = signals.filter((signal) => signal !== undefined);
  const stops = given.map((signal) => onAbort(signal, () => first.abort(signal.reason)));
  const aborted = given.find((signal) => signal.aborted);
  if (aborted) first.abort(aborted.reason);
  return {
    signal: first.signal,
    stop() {
      for (const stop of stops) stop();
    },
  };
}
