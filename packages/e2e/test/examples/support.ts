import type { SimulatedChat, Simulator } from '@lp/simulator';
import { type Outcome, type Running, runProgram } from '../run-program.ts';

/** A child process takes its time to start on a busy machine. */
export const PATIENCE = { timeoutMs: 15_000 };
export const LONGEST_MS = 30_000;

/** The variables that an example logs in with, as the agent with the given index. */
export function environment(simulator: Simulator, index = 0): Record<string, string> {
  const { username = '', password = '' } = simulator.agents[index] ?? {};
  return { LP_ACCOUNT: simulator.accountId, LP_USER: username, LP_PASS: password, LP_CSDS: simulator.csdsDomain };
}

/** Runs a built example with the simulator's account; with `during` until that is over. */
export function runExample(
  simulator: Simulator,
  name: string,
  options: { env?: Record<string, string>; parameters?: string[]; during?: (program: Running) => Promise<void> } = {},
): Promise<Outcome> {
  const env = { ...environment(simulator), ...options.env };
  return runProgram(`examples/${name}/dist/main.js`, { ...options, env });
}

/** What the brand's side has said in a chat. */
export const answers = ({ transcript }: SimulatedChat): (string | undefined)[] =>
  transcript.filter(({ from }) => from === 'agent').map(({ text }) => text);
