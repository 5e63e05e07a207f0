import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';

const HERE = import.meta.dirname;
const OURS = join(HERE, '../..');
const LOOPBACK = join(HERE, '../programs/loopback.cjs');

/** What programs find under the name node-agent-sdk: this package as it is built, the registry's own, or a copy of the last one. */
export type PackageName = 'ours' | 'old' | { readonly copy: string };

const pathOf = (name: PackageName): string => {
  if (name === 'ours') return OURS;
  return name === 'old' ? join(OURS, 'node_modules/node-agent-sdk') : name.copy;
};

export interface Program {
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves when it has printed a text, so many times. */
  readonly printed: (text: string, times?: number) => Promise<void>;
  /** Its exit code, once it has ended; after the signal, if one is given. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** A simulator, and programs that run unchanged against it; `end` leaves nothing behind. */
export interface Stage {
  readonly simulator: Simulator;
  /** Copies a program, by itself or with the folder it is in; into a folder of its own where one is named. */
  readonly place: (from: string, as: PackageName, within?: string) => string;
  readonly run: (file: string, options?: { env?: Record<string, string>; loopback?: boolean }) => Program;
  readonly end: () => Promise<void>;
}

export async function setStage(options: SimulatorOptions = {}): Promise<Stage> {
  const simulator = await startSimulator({ tls: true, ...options });
  const folder = mkdtempSync(join(tmpdir(), 'lp-old-program-'));
  const authority = join(folder, 'ca.pem');
  writeFileSync(authority, simulator.ca ?? '');
  const running = new Set<() => void>();
  return {
    simulator,
    place(from, as, within = '.') {
      const home = mkdtempSync(join(folder, 'home-'));
      const modules = join(home, 'node_modules');
      mkdirSync(modules);
      // The program's own dependencies, then the package in question in the place of the old one.
      const theirs = [join(dirname(from), 'node_modules'), join(from, 'node_modules'), join(from, '../node_modules')];
      for (const path of theirs.filter((one) => existsSync(one))) {
        for (const name of readdirSync(path)) {
          if (name !== 'node-agent-sdk' && !existsSync(join(modules, name)))
            symlinkSync(join(path, name), join(modules, name));
        }
      }
      symlinkSync(pathOf(as), join(modules, 'node-agent-sdk'));
      const placed = join(home, within, basename(from));
      cpSync(from, placed, { recursive: true, filter: (path) => !/\/(node_modules|\.git)(\/|$)/.test(path) });
      // The old examples reach for the library beside them.
      mkdirSync(join(home, 'lib'));
      for (const file of ['AgentSDK', 'AgentSurveyClient']) {
        writeFileSync(join(home, `lib/${file}.js`), `module.exports = require('node-agent-sdk/lib/${file}');\n`);
      }
      return placed;
    },
    run(file, { env = {}, loopback = false } = {}) {
      const { accountId, csdsDomain, agents } = simulator;
      const { username = '', password = '' } = agents[0] ?? {};
      const child = spawn(process.execPath, [...(loopback ? ['--require', LOOPBACK] : []), file], {
        cwd: dirname(file),
        env: {
          PATH: process.env['PATH'],
          NODE_EXTRA_CA_CERTS: authority,
          LP_ACCOUNT: accountId,
          LP_USER: username,
          LP_PASS: password,
          LP_CSDS: csdsDomain,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      let errors = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      const kill = () => child.kill('SIGKILL');
      running.add(kill);
      const ended = new Promise<number | null>((resolve) =>
        child.once('close', (code) => {
          running.delete(kill);
          resolve(code);
        }),
      );
      const hasPrinted = (text: string, times: number) => output.split(text).length > times;
      return {
        output: () => output,
        errors: () => errors,
        async printed(text, times = 1) {
          while (!hasPrinted(text, times)) {
            const more = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
            await Promise.race([more, ended]);
            if (!running.has(kill) && !hasPrinted(text, times)) {
              throw new Error(`it ended before it printed ${text}: ${output}${errors}`);
            }
          }
        },
        async end(signal) {
          if (signal) child.kill(signal);
          return ended;
        },
      };
    },
    async end() {
      for (const kill of running) kill();
      await simulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}
