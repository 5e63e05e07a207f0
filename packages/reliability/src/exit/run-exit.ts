import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@lp/simulator';

/** How a process ended. */
export interface ExitRow {
  readonly what: string;
  readonly exitCode: number | null;
  /** From the end of `close()` (or what was called instead) to the end of the process, by the process's own clock. */
  readonly exitAfterMs: number;
}

interface ExitScenario {
  readonly what: string;
  readonly how?: 'close' | 'drain' | 'abort';
  readonly pending?: number;
  /** Before the bot starts. */
  readonly before?: (simulator: Simulator) => void;
  /** Once it is online, before it is asked to end. */
  readonly then?: (simulator: Simulator) => void | Promise<unknown>;
}

const LONGEST_MS = 30_000;

/** Ways to end. */
export const exitScenarios: readonly ExitScenario[] = [
  { what: '`close()` of an idle bot' },
  { what: '`drain()` of an idle bot', how: 'drain' },
  { what: 'its `signal` is aborted', how: 'abort' },
  {
    what: '`close()` of a bot at work in 200 conversations',
    then: (simulator) => {
      const [first] = simulator.agents;
      if (first) simulator.openConversations(200, { assignedTo: first.username, message: 'hi' });
      return simulator.waitForRequest('PublishEvent');
    },
  },
  {
    what: '`close()` with 1,000 requests that get no response',
    pending: 1_000,
  },
  { what: '`close()` on a half-open connection', then: ({ faults }) => faults.freeze() },
  { what: '`close()` while it waits to reconnect', then: ({ faults }) => faults.down() },
  {
    what: '`close()` while an upgrade gets no response',
    then: ({ faults }) => {
      faults.hangUpgrade();
      faults.dropAll();
    },
  },
  { what: 'wrong credentials: `connectAgent` rejects', before: ({ faults }) => faults.failLogin(401) },
  { what: 'an upgrade that is refused: `connectAgent` rejects', before: ({ faults }) => faults.failUpgrade(403) },
];

/** Ends a bot in a process of its own, and measures how long that lives on. */
export async function runExit(scenario: ExitScenario, program: string): Promise<ExitRow> {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'lp-exit-'));
  const { accountId, credentials, csdsDomain } = simulator.connectOptions;
  const { what, how = 'close', pending = 0 } = scenario;
  scenario.before?.(simulator);
  if (pending > 0) simulator.faults.dropAnswers('GenerateURLForUploadFile');
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env['PATH'],
      LP_ACCOUNT: accountId,
      LP_USER: credentials.username,
      LP_PASS: credentials.password,
      LP_CSDS: csdsDomain,
      LP_BOT: JSON.stringify({ how, pending, cursorFile: join(folder, 'cursors') }),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close') as Promise<[number | null]>;
  while (!/online|rejected/.test(output)) await Promise.race([once(child.stdout, 'data'), ended]);
  if (output.includes('online')) {
    await scenario.then?.(simulator);
    child.stdin.write('end\n');
  }
  const [exitCode] = await ended;
  await simulator.close();
  rmSync(folder, { recursive: true });
  return { what, exitCode, exitAfterMs: Number(/exit ([\d.]+)/.exec(output)?.[1] ?? Number.NaN) };
}
