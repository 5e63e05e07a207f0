// Kept from the start: fake timers of a test replace the global ones, and a platform must go on all the same.

/** Calls back in the next turn of the event loop. */
export const nextTurn = setImmediate;
/** Calls back at the end of this one. */
export const endOfTurn: (callback: () => void) => void = process.nextTick.bind(process);
