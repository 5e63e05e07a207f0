export { type Rehearsal, rehearse, show } from './rehearsal.ts';
export { type Program, type ProgramContext, run } from './run.ts';
