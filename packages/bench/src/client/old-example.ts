import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACCOUNT } from '../server/frames.ts';
import type { BotSubject } from './subject.ts';

// A folder with copies of public repositories, their dependencies installed; nothing of them is kept here.
const COPY = join(process.env['LP_PUBLIC_PROGRAMS'] ?? '', 'node-agent-sdk');
const EXAMPLE = join('examples', 'agent-bot');
// What the example prints when the response to its subscription has come.
const SUBSCRIBED = 'subscribeExConversations';

/** Whether there is a copy of the old client's repository, with its example bot. */
export const hasExample = (): boolean => existsSync(join(COPY, EXAMPLE)) && existsSync(join(COPY, 'node_modules'));

/** The example bot of the old client's last version, unmodified: on the library beside it, or on what takes its place. */
export class OldExample implements BotSubject {
  readonly #folder: string | undefined;
  #env: Record<string, string> = {};

  constructor(library: 'its own' | 'shim') {
    if (library === 'its own') return;
    this.#folder = mkdtempSync(join(tmpdir(), 'lp-bench-example-'));
    cpSync(join(COPY, EXAMPLE), join(this.#folder, EXAMPLE), { recursive: true });
    // The example reaches for the class beside it.
    mkdirSync(join(this.#folder, 'lib'));
    const shim = join(dirname(fileURLToPath(import.meta.resolve('@lp/node-agent-sdk'))), 'agent-sdk.cjs');
    writeFileSync(join(this.#folder, 'lib', 'AgentSDK.js'), `module.exports = require(${JSON.stringify(shim)});\n`);
  }

  /** The example connects when it is loaded. */
  connect(port: number, user: number): Promise<void> {
    this.#env = { LP_ACCOUNT: ACCOUNT, LP_USER: `bench-${user}`, LP_PASS: 'bench', LP_CSDS: `localhost:${port}` };
    return Promise.resolve();
  }

  startEchoBot(): Promise<void> {
    Object.assign(process.env, this.#env);
    return new Promise((resolve) => {
      console.log = (text: unknown) => {
        if (text === SUBSCRIBED) resolve();
      };
      createRequire(import.meta.url)(join(this.#folder ?? COPY, EXAMPLE, 'main.js'));
    });
  }

  close(): Promise<void> {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true });
    return Promise.resolve();
  }
}
