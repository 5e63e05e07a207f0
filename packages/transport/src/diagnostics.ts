import { diagnosticsChannel } from '@lp/core/internal';

/** The channels this package publishes to. Shapes: docs/observability.md. */
export const channels = {
  status: diagnosticsChannel('lp:transport:status'),
  requestStart: diagnosticsChannel('lp:request:start'),
  requestEnd: diagnosticsChannel('lp:request:end'),
  requestError: diagnosticsChannel('lp:request:error'),
};
