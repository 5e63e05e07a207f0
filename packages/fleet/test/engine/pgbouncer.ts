import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@lp/local-postgres';

/** pgbouncer where it is installed (`PGBOUNCER` names another one); it is in no npm package. */
export function findPgbouncer(): string | undefined {
  const program = process.env['PGBOUNCER'] ?? 'pgbouncer';
  try {
    execFileSync(program, ['--version'], { stdio: 'pipe' });
    return program;
  } catch {
    return undefined;
  }
}

/** Starts it before a server on 127.0.0.1, in transaction mode, with three connections to it. */
export async function startPgbouncer(program: string, targetPort: number) {
  const folder = mkdtempSync(join(tmpdir(), 'lp-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${targetPort} user=lp`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 3',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 });
  const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program, ['-q', ...asUser, file], { stdio: 'ignore' });
  await listening(port, child);
  return {
    port,
    async close(): Promise<void> {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 250; attempt++) {
    if (child.exitCode !== null) throw new Error('pgbouncer did not start');
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('connect', () => socket.destroy());
      socket.once('error', () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('pgbouncer does not listen');
}
