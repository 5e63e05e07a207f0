import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The workspace's top folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a program did. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const LONGEST_MS = 20_000;

/** Runs a Node program of this workspace to its end, with nothing of this process's LP_ variables. */
export function runProgram(
  path: string,
  options: {
    env?: Record<string, string>;
    parameters?: string[];
    onOutput?: (text: string, kill: () => void) => void;
  } = {},
): Promise<Outcome> {
  const env = { PATH: process.env['PATH'], ...options.env };
  const child = spawn(process.execPath, [path, ...(options.parameters ?? [])], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    options.onOutput?.(stdout, () => child.kill('SIGTERM'));
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
