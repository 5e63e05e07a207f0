import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type LocalPostgres, startPostgres } from '../src/index.ts';

// An SSLRequest: a server answers it with one letter, whoever asks.
const QUESTION = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Whether a PostgreSQL server answers at a port. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(QUESTION);
    const [letter] = (await once(socket, 'data')) as [Buffer];
    return letter.toString() === 'N';
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

let server: LocalPostgres;

beforeEach(async () => {
  server = await startPostgres();
}, 60_000);

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a PostgreSQL server of its own', () => {
  it('is up when it is given out, and gone when it is closed, however often', async () => {
    expect(new URL(server.url).port).toBe(String(server.port));
    expect(await answers(server.port)).toBe(true);
    await server[Symbol.asyncDispose]();
    expect(await answers(server.port)).toBe(false);
    await server[Symbol.asyncDispose]();
  });

  it('is up again on its port after it was killed', async () => {
    await server.kill();
    expect(await answers(server.port)).toBe(false);
    await server.start();
    expect(await answers(server.port)).toBe(true);
  });

  it('stands beside others', async () => {
    await using other = await startPostgres();
    expect(other.port).not.toBe(server.port);
    expect(await answers(other.port)).toBe(true);
    expect(await answers(server.port)).toBe(true);
  }, 60_000);

  it('says which setting it does not know, and leaves nothing behind', async () => {
    // A folder of its own: other tests start servers at the same time.
    const { TMPDIR } = process.env;
    const own = mkdtempSync(join(tmpdir(), 'lp-own-'));
    chmodSync(own, 0o755);
    process.env['TMPDIR'] = own;
    try {
      await expect(startPostgres({ settings: { no_such_setting: 1 } })).rejects.toThrow(/no_such_setting/);
      expect(readdirSync(own)).toEqual([]);
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
      rmSync(own, { recursive: true });
    }
  }, 60_000);
});
