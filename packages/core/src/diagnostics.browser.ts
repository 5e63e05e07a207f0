import type { DiagnosticsChannel } from './diagnostics-types.ts';

const silent: DiagnosticsChannel = { hasSubscribers: false, publish: () => undefined };

/** Browsers have no diagnostics channels: nothing is published. */
export function diagnosticsChannel(_name: string): DiagnosticsChannel {
  return silent;
}
