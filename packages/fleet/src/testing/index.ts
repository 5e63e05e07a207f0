// Public API: every name added here is a promise.
export { type EngineContractSetting, type EngineDemand, engineContract } from './engine-contract.ts';
