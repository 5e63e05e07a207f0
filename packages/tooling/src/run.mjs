import { execFile, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The workspace's top folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A step failed and has already said why. */
export class StepFailed extends Error {}

/**
 * Runs a program in the workspace's top folder, its own tools first on the path, and gives its exit code.
 * With `quiet`, what it prints is kept back and only shown when it fails.
 */
export function run(command, parameters, { quiet = false, env = {}, stdin = 'inherit' } = {}) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(command, parameters, {
    cwd: root,
    env: { ...process.env, ...env, PATH: path },
    stdio: [stdin, quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    // Tools are command files there.
    shell: process.platform === 'win32' && command !== process.execPath,
  });
  const printed = [];
  child.stdout?.on('data', (chunk) => printed.push(chunk));
  child.stderr?.on('data', (chunk) => printed.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new StepFailed(`${command} could not be started (${error.code})`)));
    child.once('close', (code, signal) => {
      const exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
      if (exitCode !== 0) process.stderr.write(Buffer.concat(printed));
      resolve(exitCode);
    });
  });
}

/** Runs a program in the workspace's top folder and gives what it prints. */
export async function output(command, parameters) {
  const { stdout } = await promisify(execFile)(command, parameters, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Says what is being done, does it, and says how long it took. Throws {@link StepFailed} when it fails. */
export async function step(title, command, parameters, options) {
  const start = performance.now();
  process.stdout.write(`• ${title} …${options?.quiet ? '' : '\n'}`);
  const exitCode = await run(command, parameters, options);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (exitCode !== 0) throw new StepFailed(`${title} failed (exit code ${exitCode} after ${seconds} s).`);
  process.stdout.write(options?.quiet ? ` done in ${seconds} s\n` : `  done in ${seconds} s\n`);
}

/** Runs a command of the workspace: what failed has already said why, and the exit code says that it failed. */
export async function command(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
