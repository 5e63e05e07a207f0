export type { Program, ProgramContext } from './program.ts';
export { type Rehearsal, rehearse, show } from './rehearsal.ts';
export { run } from './run.ts';
