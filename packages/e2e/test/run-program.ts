import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The workspace's top folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a program did. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Running {
  /** Waits until its standard output holds this. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>;
}

const LONGEST_MS = 20_000;

/**
 * Runs a Node program of this workspace to its end, with nothing of this process's LP_ variables. With `during`, it is
 * asked to end when that is over.
 */
export async function runProgram(
  path: string,
  options: {
    env?: Record<string, string>;
    parameters?: string[];
    cwd?: string;
    onOutput?: (text: string, kill: () => void) => void;
    during?: (program: Running) => Promise<void>;
  } = {},
): Promise<Outcome> {
  const env = { PATH: process.env['PATH'], ...options.env };
  const child = spawn(process.execPath, [path, ...(options.parameters ?? [])], {
    cwd: options.cwd ?? root,
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
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  const failed = ended.then(() => {
    throw new Error(`the program ended before it was asked to: ${stderr || stdout}`);
  });
  failed.catch(() => undefined);
  const printed = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(stdout);
      if (found) return found;
      await Promise.race([once(child.stdout, 'data'), failed]);
    }
  };
  try {
    if (options.during) await Promise.race([options.during({ printed }), failed]);
  } finally {
    if (options.during) child.kill('SIGTERM');
    await ended;
  }
  return await ended;
}
