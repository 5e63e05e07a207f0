import type { AgentOptions } from '@lp/agent';

/** What a program is run with. */
export interface ProgramContext {
  /** For `connectAgent`. */
  readonly options: AgentOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The words on the command line. */
  readonly parameters: readonly string[];
  /** Aborted when the program should end. One that never asks for it is ended by the system. */
  readonly signal: AbortSignal;
}

export type Program = (context: ProgramContext) => Promise<void>;

/** Runs a program. To end with the signal's reason is no failure. */
export async function perform(
  program: Program,
  context: Omit<ProgramContext, 'signal'>,
  makeSignal: () => AbortSignal,
): Promise<void> {
  let made: AbortSignal | undefined;
  const complete = {
    ...context,
    get signal() {
      made ??= makeSignal();
      return made;
    },
  };
  try {
    await program(complete);
  } catch (error) {
    if (made?.aborted !== true || error !== made.reason) throw error;
  }
}
