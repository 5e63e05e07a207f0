import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { startConnectProxy } from '../../../auth/test/support/connect-proxy.ts';
import { environment, LONGEST_MS, PATIENCE } from '../examples/support.ts';
import { type Running, runProgram } from '../run-program.ts';
import { type BlockFiles, blockWith, createBlockFiles } from './block-files.ts';

jest.setTimeout(LONGEST_MS);

let simulator: Simulator;
let files: BlockFiles;

beforeAll(async () => {
  simulator = await startSimulator();
  files = createBlockFiles();
});

afterAll(async () => {
  await simulator.close();
  files[Symbol.dispose]();
});

/** Runs a program until it has answered a consumer; gives what it said, and wrote to stderr. */
async function answerOf(
  path: string,
  env: Record<string, string> = {},
): Promise<{ text: string | undefined; stderr: string }> {
  const chat = await simulator.consumer().startConversation({ message: 'hello' });
  let text: string | undefined;
  const { stderr } = await runProgram(path, {
    env: { ...environment(simulator), ...env },
    cwd: files.folder,
    during: async () => {
      ({ text } = await chat.next(PATIENCE));
    },
  });
  await chat.close();
  return { text, stderr };
}
const ECHO = { text: 'echo: hello', stderr: '' };

/** Runs a program that ends by itself; gives what it printed. */
async function printedBy(path: string, env: Record<string, string> = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(path, { env: { ...environment(simulator), ...env } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

/** Runs a program that only connects, until it has. */
async function connects(
  path: string,
  options: { env?: Record<string, string>; until?: (program: Running) => Promise<unknown> } = {},
) {
  await using own = await startSimulator();
  const outcome = await runProgram(path, {
    env: { ...environment(own), ...options.env },
    cwd: files.folder,
    during: async (program) => {
      await own.waitForClient(PATIENCE);
      await options.until?.(program);
    },
  });
  return outcome;
}

describe('the bots in the documents answer:', () => {
  it.each<[string, () => string]>([
    ['README.md', () => files.programOf('README.md', 'agent.serve')],
    ['docs/getting-started.md', () => files.programOf('docs/getting-started.md', 'agent.serve')],
    ['docs/deploying.md', () => files.programOf('docs/deploying.md', 'bot.serve')],
    ['packages/agent/README.md', () => files.programOf('packages/agent/README.md', 'agent.serve')],
  ])('%s', async (_document, path) => {
    expect(await answerOf(path())).toEqual(ECHO);
  });
});

describe('the programs in the documents', () => {
  it('docs/deploying.md: a bot with the probe ends when it is asked to', async () => {
    const { code } = blockWith('docs/deploying.md', 'vendor interruption');
    const probed = `const agent = bot;\n${code}\nserver.once('listening', () => console.log('probed'));\n`;
    const replace = { 'await bot.serve(': `${probed}await bot.serve(` };
    const path = files.programOf('docs/deploying.md', 'bot.serve', { replace });
    const outcome = await connects(path, { env: { PORT: '0' }, until: ({ printed }) => printed(/probed/) });
    expect(outcome).toEqual({ exitCode: 0, stdout: 'probed\n', stderr: '' });
  });

  // verifies: readme:simulator
  it('docs/testing-your-bot.md: the test passes', async () => {
    const path = files.programOf('docs/testing-your-bot.md', "from 'node:test'");
    const { exitCode, stdout } = await runProgram(path);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/pass 1$/m) });
  });

  // verifies: sim:clock
  it('docs/testing-your-bot.md: a manual clock works for both sides', async () => {
    expect(await printedBy(files.programOf('docs/testing-your-bot.md', 'createManualClock'))).toBe('');
  });

  it('docs/simulator.md: the first program prints its answer', async () => {
    expect(await printedBy(files.programOf('docs/simulator.md', 'startConversation'))).toBe('echo: hi\n');
  });

  it('packages/simulator/README.md: so does the one there', async () => {
    expect(await printedBy(files.programOf('packages/simulator/README.md', 'startConversation'))).toBe('echo: hi\n');
  });

  it('packages/agent/README.md and packages/schemas/README.md: a frame is read', async () => {
    expect(await printedBy(files.programOf('packages/agent/README.md', 'decodeFrame'))).toBe('notification\n');
    expect(await printedBy(files.programOf('packages/schemas/README.md', 'decodeFrame'))).toBe(
      'ms.MessagingEventNotification true\n',
    );
  });

  it('docs/authentication.md: REST calls by a login of its own, and by the token of an application', async () => {
    const byLogin = await printedBy(files.programOf('docs/authentication.md', 'logoutOnClose'));
    expect(byLogin).toMatch(/agentStatusRecords/);
    const [app] = simulator.apps;
    const credentials = { LP_CLIENT_ID: app?.clientId ?? '', LP_CLIENT_SECRET: app?.clientSecret ?? '' };
    const byToken = await printedBy(files.programOf('docs/authentication.md', 'createAppTokens'), credentials);
    expect(byToken).toMatch(/bot/);
  });

  it('packages/auth/README.md: the login prints who it is', async () => {
    expect(await printedBy(files.programOf('packages/auth/README.md', 'session.agentId'))).toMatch(/^\S+\n$/);
  });

  it('docs/delivery-guarantees.md: a file keeps the positions', async () => {
    const { stderr } = await connects(files.programOf('docs/delivery-guarantees.md', 'createFileDialogStore'));
    expect(stderr).toBe('');
  });

  it('docs/deploying.md: so does one on a volume', async () => {
    const volume = join(files.folder, 'data');
    mkdirSync(volume);
    const path = files.programOf('docs/deploying.md', 'createFileDialogStore', { replace: { '/data': volume } });
    expect((await connects(path)).stderr).toBe('');
  });

  it('docs/observability.md: pino gets the lines', async () => {
    const { stdout } = await connects(files.programOf('docs/observability.md', "from 'pino'"), {
      until: ({ printed }) => printed(/"msg":/),
    });
    expect(stdout).toMatch(/"part":"messaging"/);
  });

  it('docs/proxies.md: everything goes through the proxy', async () => {
    await using proxy = await startConnectProxy('user:password');
    const path = files.programOf('docs/proxies.md', 'proxy:', {
      replace: { 'http://user:password@proxy.example:3128': proxy.url },
    });
    const { stderr } = await connects(path);
    expect({ stderr, plain: proxy.plain }).toEqual({ stderr: '', plain: [] });
    expect(proxy.targets.length).toBeGreaterThan(1);
  });

  it('docs/authentication.md: a refresh token is kept, and its session connects', async () => {
    await using own = await startSimulator();
    const { username, password } = own.connectOptions.credentials;
    const response = await fetch(`${own.url}/api/account/${own.accountId}/login`, {
      method: 'POST',
      body: JSON.stringify({ username, password }),
    });
    const { bearer, config } = (await response.json()) as { bearer: string; config: { userId: string } };
    const forms: string[] = [];
    // Where the account's services are, and its authorization server, which the simulator has not.
    const server = createServer((request, response) => {
      void text(request).then(async (body) => {
        if (request.method === 'POST') forms.push(body);
        const tokens = { access_token: bearer, refresh_token: 'the next', expires_in: 3600 };
        response.end(JSON.stringify(request.method === 'POST' ? tokens : await hosts(request)));
      });
    });
    const hosts = async ({ url = '', headers }: IncomingMessage) => {
      const list = (await (await fetch(own.url + url)).json()) as { baseURIs: { service: string; baseURI: string }[] };
      const here = ({ service, baseURI }: (typeof list.baseURIs)[number]) => ({
        service,
        baseURI: service === 'sentinel' ? headers.host : baseURI,
      });
      return { ...list, baseURIs: list.baseURIs.map(here) };
    };
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const file = join(files.folder, 'refresh-token');
    writeFileSync(file, 'the first\n');
    await runProgram(files.programOf('docs/authentication.md', 'refresh_token'), {
      env: {
        ...environment(own),
        LP_CSDS: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        LP_REFRESH_TOKEN_FILE: file,
        LP_CLIENT_ID: 'id',
        LP_CLIENT_SECRET: 'secret',
        LP_TOKEN_PATH: '/token',
        LP_USER_ID: config.userId,
      },
      during: async () => void (await own.waitForClient(PATIENCE)),
    });
    server.close();
    expect(forms).toEqual([expect.stringContaining('refresh_token=the+first')]);
    expect(readFileSync(file, 'utf8')).toBe('the next');
  });
});

describe('a fleet in the documents', () => {
  // The comment there says so itself.
  const ALONE = { '  engine: postgresEngine(process.env.DATABASE_URL), // left out: this process alone\n': '' };
  const SIMULATED = 'csdsDomain: process.env.LP_CSDS,';

  it('docs/fleet.md: the workers answer', async () => {
    writeFileSync(
      join(files.folder, 'bot.js'),
      `export const readLogins = async () => [{ credentials: { username: process.env.LP_USER, password: process.env.LP_PASS } }];
       export async function handler(conversation) {
         for await (const message of conversation.messages()) await message.reply('echo: ' + message.text);
       }`,
    );
    const replace = {
      ...ALONE,
      'accountId: process.env.LP_ACCOUNT,': `accountId: process.env.LP_ACCOUNT, ${SIMULATED}`,
    };
    expect(await answerOf(files.programOf('docs/fleet.md', 'readLogins', { replace }))).toEqual(ECHO);
  });

  it('packages/fleet/README.md: so do these', async () => {
    const { password } = simulator.connectOptions.credentials;
    const { username } = simulator.connectOptions.credentials;
    const replace = {
      ...ALONE,
      "accountId: 'le12345678',": `accountId: process.env.LP_ACCOUNT, ${SIMULATED}`,
      'bot-1@example.com': username,
    };
    expect(
      await answerOf(files.programOf('packages/fleet/README.md', 'createFleet(', { replace }), { BOT_1: password }),
    ).toEqual(ECHO);
  });

  it('docs/fleet.md: an engine is tested', async () => {
    writeFileSync(
      join(files.folder, 'my-engine.js'),
      `import { createSharedMemory, memoryEngine } from '@lp/fleet';
       const shared = createSharedMemory();
       export const createEngine = () => memoryEngine(shared);`,
    );
    const { exitCode, stdout } = await runProgram(files.programOf('docs/fleet.md', 'engineContract'));
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^# fail 0$/m) });
  });
});
