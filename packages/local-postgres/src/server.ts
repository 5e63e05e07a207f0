import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyPrograms, findPrograms } from './binaries.ts';
import { freePort } from './free-port.ts';

export interface LocalPostgresOptions {
  /** Lines of `postgresql.conf`; for example `{ max_connections: 200 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A server of its own, on a free port of 127.0.0.1, whose data are gone when it is closed. */
export interface LocalPostgres extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a crash does, and keeps its data. */
  kill(): Promise<void>;
  /** Starts it again on its data. */
  start(): Promise<void>;
  /**
   * A streaming replica of it, which streams through `port` (default: this server's own). `backup` calls `copy` between
   * `pg_backup_start` and `pg_backup_stop`, which it runs on this server, since no client is part of this package, and
   * gives the label file that the latter returns.
   */
  replica(backup: (copy: () => Promise<void>) => Promise<string>, port?: number): Promise<LocalReplica>;
  close(): Promise<void>;
}

export interface LocalReplica extends LocalPostgres {
  /** Makes it a primary. */
  promote(): Promise<void>;
}

const USER = 'lp';
// The server refuses to run as root; `nobody` is there on every system.
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** Makes a new database cluster and starts its server; about a second. Whoever started it closes it. */
export async function startPostgres(options: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'lp-postgres-'));
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  chmodSync(folder, 0o700);
  const native = usablePrograms(folder);
  const data = join(folder, 'data');
  const initdb = ['--pgdata', data, '--auth', 'trust', '--username', USER, '--no-sync', '--locale', 'C', '-E', 'UTF8'];
  execFileSync(join(native, 'bin', 'initdb'), initdb, { ...identity, stdio: 'pipe', cwd: folder });
  const server = new Server(native, folder, data, await freePort(), options.settings ?? {});
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

function usablePrograms(folder: string): string {
  const native = findPrograms();
  if (!isRoot) return native;
  try {
    execFileSync(join(native, 'bin', 'postgres'), ['--version'], { ...identity, stdio: 'pipe', cwd: folder });
    return native;
  } catch {
    return copyPrograms(native, folder);
  }
}

class Server implements LocalReplica {
  readonly port: number;
  readonly #native: string;
  readonly #folder: string;
  readonly #data: string;
  readonly #settings: Readonly<Record<string, string | number>>;
  #child: ChildProcess | undefined;

  constructor(
    native: string,
    folder: string,
    data: string,
    port: number,
    settings: Readonly<Record<string, string | number>>,
  ) {
    this.port = port;
    this.#native = native;
    this.#folder = folder;
    this.#data = data;
    this.#settings = settings;
  }

  get url(): string {
    return `postgresql://${USER}@127.0.0.1:${this.port}/postgres`;
  }

  async start(): Promise<void> {
    // Processes of the server that was killed may hold its memory for a moment.
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#launch();
      } catch (error) {
        if (attempt === 20 || !(error as Error).message.includes('still in use')) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async #launch(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 200,
      shared_buffers: '32MB',
      ...this.#settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(this.#native, 'bin', 'postgres'), ['-D', this.#data, '-p', `${this.port}`, ...flags], {
      ...identity,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
      // Ctrl-C in a terminal is for the program, which ends its server itself.
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    process.once('exit', this.#end);
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        said = `${said}${chunk.toString()}`.slice(-4_000);
        if (said.includes('ready to accept')) resolve();
      });
      // Not at its exit: what it said may be read later.
      child.once('close', () => reject(new Error(`the server did not start: ${said}`)));
    });
    child.stderr?.removeAllListeners('data').resume();
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    this.#end();
    await gone;
    // Its other processes hold the other end for a moment longer.
    child.stderr?.destroy();
    this.#child = undefined;
    // What was killed has left its lock behind.
    rmSync(join(this.#data, 'postmaster.pid'), { force: true });
    process.removeListener('exit', this.#end);
  }

  async replica(backup: (copy: () => Promise<void>) => Promise<string>, port = this.port): Promise<LocalReplica> {
    const folder = mkdtempSync(join(tmpdir(), 'lp-postgres-'));
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const data = join(folder, 'data');
    const label = await backup(() =>
      cp(this.#data, data, { recursive: true, preserveTimestamps: true, filter: isThere }),
    );
    for (const name of ['postmaster.pid', 'postmaster.opts']) rmSync(join(data, name), { force: true });
    writeFileSync(join(data, 'backup_label'), label);
    writeFileSync(join(data, 'standby.signal'), '');
    own(data);
    const source = `host=127.0.0.1 port=${port} user=${USER} application_name=replica`;
    const settings = { ...this.#settings, hot_standby: 'on', primary_conninfo: source };
    const server = new Server(this.#native, folder, data, await freePort(), settings);
    await server.start();
    return server;
  }

  async promote(): Promise<void> {
    const options = { ...identity, cwd: this.#folder };
    await promisify(execFile)(join(this.#native, 'bin', 'pg_ctl'), ['promote', '-D', this.#data, '-w', '-s'], options);
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Its processes end by themselves when it is gone. */
  readonly #end = (): void => void this.#child?.kill('SIGKILL');
}

/** A server that runs takes files away while its folder is copied; its log says what became of them. */
const isThere = (path: string): boolean => existsSync(path);

/** The copy was made by this user; the server's user has to own it. */
function own(path: string): void {
  if (!isRoot) return;
  const { uid } = statSync(path);
  if (uid !== NOBODY) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, path]);
  chmodSync(path, 0o700);
}
