/** Writes one line for people, where warnings and errors of programs are looked for. Never throws. */
export type PrintLine = (level: 'warn' | 'error', line: string) => void;
