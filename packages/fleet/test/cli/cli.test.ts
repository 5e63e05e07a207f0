import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postgresEngine } from '@lp/fleet/postgres';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import { runCli } from '../../src/cli/run.ts';

const incarnation = '4f4e2a44-54a5-4a5c-8b89-2a1f7a3c7b11';
let server: LocalPostgres;

async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const context = {
    env: { DATABASE_URL: server.url },
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  return { code: await runCli(args, context), out, err };
}

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);

afterAll(async () => {
  await server.close();
});

describe('lp-fleet', () => {
  it('says that a database holds no fleet, and makes none', async () => {
    expect(await run('status')).toMatchObject({ code: 1, err: expect.stringContaining('holds no fleet') });
    expect(await run('status')).toMatchObject({ code: 1, err: expect.stringContaining('holds no fleet') });
  });

  describe('with a fleet', () => {
    const engine = () => postgresEngine(server.url);
    let worker: ReturnType<typeof engine>;

    beforeAll(async () => {
      worker = engine();
      await worker.open({ accountId: 'le1', callTimeoutMs: 5_000 });
      await worker.join({ incarnation, name: 'web-1', ttlMs: 3_000 });
      await worker.claim(incarnation, ['bot@example.com']);
      await worker.beat(incarnation, { 'bot@example.com': { open: 7, unhandled: 2, oldestUnhandledMs: 3_000 } });
    });

    afterAll(async () => {
      await worker.close();
    });

    it('shows who holds what, as a table and as JSON', async () => {
      const { code, out } = await run('status');
      expect(code).toBe(0);
      expect(out).toMatch(/^web-1 +1$/m);
      expect(out).toMatch(/^bot@example\.com +web-1 +1 +\d+ s +7 +2 \(3 s\)$/m);
      expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ logins: [{ owner: 'web-1', open: 7 }] });
    });

    it('asks a worker to drain and a login to move, and says when there is none', async () => {
      const out = (text: string) => ({ code: 0, err: '', out: `${text}\n` });
      expect(await run('move', 'bot@example.com')).toEqual(out('bot@example.com is handed to another worker'));
      expect(await run('drain', 'web-1')).toEqual(out('web-1 hands its logins over and leaves'));
      const { workers, logins } = await worker.read();
      expect([workers[0]?.draining, logins[0]?.move]).toEqual([true, true]);
      expect(await run('move', 'nobody')).toMatchObject({ code: 1, err: 'lp-fleet: the fleet has no login nobody\n' });
      expect(await run('drain', 'web-9')).toMatchObject({ code: 1, err: 'lp-fleet: the fleet has no worker web-9\n' });
    });

    it('says what a move does to a login that nobody holds, or that was set aside', async () => {
      await worker.claim(incarnation, ['free@example.com', 'refused@example.com']);
      await worker.release(incarnation, { login: 'free@example.com', epoch: 1 });
      await worker.release(incarnation, { login: 'refused@example.com', epoch: 1, aside: 'CREDENTIALS_INVALID' });
      expect((await run('move', 'free@example.com')).out).toBe('free@example.com is held by nobody\n');
      expect((await run('move', 'refused@example.com')).out).toBe(
        'refused@example.com was set aside (CREDENTIALS_INVALID), and is tried again\n',
      );
      expect((await run('move', 'refused@example.com')).out).toBe('refused@example.com is held by nobody\n');
    });
  });

  it.each([
    [['fly'], 'no command fly'],
    [['drain'], 'takes one name'],
    [['move', 'a', 'b'], 'takes one name'],
    [['status', 'x'], 'takes no name'],
    [['status', '--jsn'], 'did you mean --json?'],
    [['status', '--verbose'], '--verbose'],
  ])('refuses the command line %j with exit code 2', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, err: expect.stringContaining(message), out: '' });
  });

  it.each([['--help'], ['help'], ['status --help']])('prints its help when asked for it: %s', async (line) => {
    expect(await run(...line.split(' '))).toMatchObject({ code: 0, out: expect.stringContaining('drain WORKER') });
  });
});
