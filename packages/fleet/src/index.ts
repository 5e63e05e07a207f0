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
  Release,
  WorkerEntry,
  WorkerRecord,
} from './engine/engine.ts';
export { createSharedMemory, memoryEngine, type SharedMemory } from './engine/memory-engine.ts';
