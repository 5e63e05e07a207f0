// Public API: every name added here is a promise.
export type { DialogRecord } from './engine/dialog-record.ts';
export type {
  Change,
  ChangeOutcome,
  Claim,
  EngineSetting,
  FleetEngine,
  FleetRecord,
  LimitRequest,
  LoginLoad,
  LoginRecord,
  Order,
  Pulse,
  Release,
  WorkerEntry,
  WorkerRecord,
} from './engine/engine.ts';
export { createSharedMemory, type KeptDialog, memoryEngine, type SharedMemory } from './engine/memory-engine.ts';
export { createFleet, type Fleet } from './fleet/fleet.ts';
export type { FleetLogin, SharedAgentOptions } from './fleet/logins.ts';
export type { AgentListener, FleetLimits, FleetOptions, FleetServeOptions } from './fleet/options.ts';
export type { FleetStatusEvent } from './fleet/status.ts';
export type { FleetView, LoginView, WorkerView } from './fleet/view.ts';
export type { LoginState } from './worker/seat.ts';
export type { WorkerState } from './worker/worker.ts';
