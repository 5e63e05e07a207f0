import { channel } from 'node:diagnostics_channel';
import type { DiagnosticsChannel } from './diagnostics-types.ts';

/** The named diagnostics channel of this process. Publishing costs nothing while nobody has subscribed. */
export function diagnosticsChannel(name: string): DiagnosticsChannel {
  return channel(name);
}
