import type { PrintLine } from './stderr-types.ts';

/** Browsers have no stderr: the line goes to the console, which is there for this. */
export const printLine: PrintLine = (level, line) => console[level](line);
