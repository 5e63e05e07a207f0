import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from '@lp/simulator';
import { runCli } from '@lp/simulator/cli';
import { fetch } from 'undici';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-simulator-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]) {
  const printed = { out: '', err: '' };
  const result = await runCli(args, {
    out: (text) => (printed.out += text),
    err: (text) => (printed.err += text),
  });
  return { result, ...printed };
}
async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('lp-simulator', () => {
  it('explains every option', async () => {
    const { result, out } = await run('--help');
    expect(result).toBe(0);
    for (const option of ['--port', '--tls', '--ca', '--agents', '--account', '--seed', '--help']) {
      expect(out).toContain(option);
    }
  });

  it('prints where it runs and who can log in', async () => {
    const agents = await file('agents.json', `\uFEFF${JSON.stringify([{ username: 'ada', password: 'secret' }])}`);
    const { result, out, err } = await run('--agents', agents, '--account', 'acc1', '--seed', '3');
    expect(err).toBe('');
    if (typeof result === 'number') throw new Error('it did not start');
    await using simulator = result;
    expect(out).toContain(simulator.url);
    expect(out).toContain('ada  password secret');
    expect((await fetch(`${simulator.url}/api/account/acc1/service/baseURI.json`)).status).toBe(200);
  });

  it('writes the authority’s certificate where told', async () => {
    const ca = join(folder, 'ca.pem');
    const { result, out } = await run('--tls', '--ca', ca);
    if (typeof result === 'number') throw new Error('it did not start');
    await using simulator = result;
    expect(out).toContain(`NODE_EXTRA_CA_CERTS=${ca}`);
    expect(await readFile(ca, 'utf8')).toBe(simulator.ca);
  });

  it('says in one line what is wrong with a command', async () => {
    const cases: [string[], number, RegExp][] = [
      [['--prot', '1'], 2, /Unknown option '--prot'; did you mean --port\?/],
      [['--verbose'], 2, /Unknown option '--verbose'; see --help/],
      [['extra'], 2, /Unexpected argument 'extra'/],
      [['--port'], 2, /--port/],
      [['--port', 'x'], 2, /--port must be a whole number/],
      [['--port', '70000'], 2, /port must be a whole number from 0 to 65535/],
      [['--account', 'a b'], 2, /accountId must be/],
      [['--ca', 'x'], 2, /--ca needs --tls/],
      [['--tls', '--ca', join(folder, 'no', 'ca.pem')], 2, /cannot write the certificate .* \(ENOENT\)/],
      [['--agents', join(folder, 'none.json')], 2, /cannot read the agents file .* \(ENOENT\)/],
      [['--agents', await file('bad.json', '{')], 2, /the agents file .* is not JSON/],
      [['--agents', await file('object.json', '{}')], 2, /the agents file .* must hold a list of agents/],
      [
        ['--agents', await file('wrong.json', '[{"name":"a"}]')],
        2,
        /agents\[0\]\.name is not an option; did you mean username\?/,
      ],
    ];
    for (const [args, code, text] of cases) {
      const { result, out, err } = await run(...args);
      expect([args, result, out]).toEqual([args, code, '']);
      expect(err).toMatch(text);
      expect(err).toMatch(/^lp-simulator: .*\n$/);
    }
  });

  it('names the port that is in use', async () => {
    await using other = await startSimulator();
    const { port } = new URL(other.url);
    const { result, err } = await run('--port', port);
    expect(result).toBe(1);
    expect(err).toBe(`lp-simulator: port ${port} is in use; choose another with --port\n`);
  });
});
