import { ConfigError } from '@lp/core';

/** Who is told of a signal: however many they are, the process has one listener for each name. */
interface Told {
  readonly everybody: Set<() => void>;
  readonly listener: () => void;
}

const told = new Map<NodeJS.Signals, Told>();

/**
 * A signal that is aborted when the process is asked to end: give it to `serve`, so that a deployment lets handlers
 * finish. Asked a second time, the process ends as it would without this. Listens until it is asked or `dispose` is called.
 *
 * @example
 * await agent.serve(handler, { signal: stopSignal() });
 *
 * @throws ConfigError in a page, and for names that are not a list of signals such as `SIGTERM`.
 */
export function stopSignal(names: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): AbortSignal & Disposable {
  if (typeof process === 'undefined') {
    throw new ConfigError('stopSignal: a page gets no signals; use an AbortController of your own');
  }
  const isName = (name: unknown) => typeof name === 'string' && /^SIG[A-Z\d]+$/.test(name);
  if (!Array.isArray(names) || names.length === 0 || !names.every(isName)) {
    throw new ConfigError("stopSignal: names must be a list of signals such as ['SIGTERM', 'SIGINT']");
  }
  const controller = new AbortController();
  const stops = names.map((name: NodeJS.Signals) =>
    listen(name, () => {
      dispose();
      controller.abort(new Error(`asked to stop by ${name}`));
    }),
  );
  function dispose(): void {
    for (const stop of stops) stop();
  }
  return Object.assign(controller.signal, { [Symbol.dispose]: dispose });
}

/** Returns how to stop listening; the last to do so leaves the signal to the process. */
function listen(name: NodeJS.Signals, call: () => void): () => void {
  const entry = told.get(name) ?? begin(name);
  entry.everybody.add(call);
  return () => {
    if (!entry.everybody.delete(call) || entry.everybody.size > 0) return;
    process.off(name, entry.listener);
    told.delete(name);
  };
}

function begin(name: NodeJS.Signals): Told {
  const everybody = new Set<() => void>();
  const listener = () => {
    for (const call of [...everybody]) call();
  };
  process.on(name, listener);
  const entry = { everybody, listener };
  told.set(name, entry);
  return entry;
}
