import { ConfigError } from '@lp/core';

/**
 * A signal that is aborted when the process is asked to end: give it to `serve`, so that a deployment lets handlers
 * finish. Asked a second time, the process ends as it would without this. Listens until it is asked or `dispose` is called.
 *
 * @example
 * await agent.serve(handler, { signal: stopSignal() });
 *
 * @throws ConfigError in a page.
 */
export function stopSignal(names: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): AbortSignal & Disposable {
  if (typeof process === 'undefined') {
    throw new ConfigError('stopSignal: a page gets no signals; use an AbortController of your own');
  }
  const controller = new AbortController();
  const listeners = names.map((name) => {
    const listener = () => {
      dispose();
      controller.abort(new Error(`asked to stop by ${name}`));
    };
    process.once(name, listener);
    return { name, listener };
  });
  function dispose(): void {
    for (const { name, listener } of listeners) process.off(name, listener);
  }
  return Object.assign(controller.signal, { [Symbol.dispose]: dispose });
}
