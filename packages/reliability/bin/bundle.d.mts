/** Makes one file of a program in `src` and of all it imports. Gives the file's path. */
export function bundle(program: string): string;
