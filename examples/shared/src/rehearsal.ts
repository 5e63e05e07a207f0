import { stopSignal } from '@lp/agent';
import type { Simulator, SimulatorOptions } from '@lp/simulator';
import { type Program, perform } from './program.ts';

/** What happens around a program on a simulator. */
export interface Rehearsal {
  readonly simulator?: SimulatorOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** The words on the program's command line. */
  readonly parameters?: (simulator: Simulator) => Promise<string[]>;
  /** What the others do; the program is told to end when this is over. Without it, it ends by itself. */
  readonly play?: (simulator: Simulator) => Promise<void>;
}

/** Starts a simulator, runs the program on it, and plays the other parts. */
export async function rehearse(program: Program, rehearsal: Rehearsal): Promise<void> {
  // Loaded here, so that a program with a real account does without it.
  const { startSimulator } = await import('@lp/simulator');
  await using simulator = await startSimulator(rehearsal.simulator);
  console.log(`A simulator is up at ${simulator.url}.`);
  const over = new AbortController();
  const parameters = (await rehearsal.parameters?.(simulator)) ?? [];
  const context = { options: simulator.connectOptions, env: rehearsal.env ?? {}, parameters };
  const running = perform(program, context, () => AbortSignal.any([over.signal, stopSignal()]));
  try {
    await (rehearsal.play ? Promise.race([rehearsal.play(simulator), failure(running)]) : running);
  } finally {
    over.abort();
    await running;
  }
}

/** Settles only when the program fails: one that has ended may leave the others something to look at. */
async function failure(running: Promise<void>): Promise<void> {
  await running;
  await new Promise(() => undefined);
}

/** Prints what somebody says. */
export function show(who: string, text: string | undefined): void {
  console.log(`  ${who.padEnd(10)} ${text ?? '(no text)'}`);
}
