// For the sibling packages only: not covered by semantic versioning.
export { type HistoryPage, type Hole, type Issue, SequenceLedger, type Step } from './dialog/sequence-ledger.ts';
export { resolveServeOptions } from './work/serve-options.ts';
