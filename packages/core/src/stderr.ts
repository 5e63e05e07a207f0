import type { PrintLine } from './stderr-types.ts';

const ignore = () => undefined;

/** Writes a line to stderr. Nobody may read there any more: a pipe that is closed must not end the process. */
export const printLine: PrintLine = (_level, line) => {
  const { stderr } = process;
  // As Node's own console does: a pipe tells of its failure later, by an event that would be an uncaught error.
  const guard = () => {
    if (stderr.listenerCount('error') === 0) stderr.once('error', ignore);
  };
  guard();
  try {
    stderr.write(`${line}\n`, (error) => {
      if (error) guard();
    });
  } catch {
    // Nowhere is left to report it to.
  } finally {
    stderr.off('error', ignore);
  }
};
