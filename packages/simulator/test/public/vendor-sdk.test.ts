import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';

// A folder with copies of the public repositories; nothing of them is kept here. This one has the vendor's newer SDK in it,
// lp-messaging-sdk 1.5.4, which the registry has not, and a bot on it.
const copy = join(process.env['LP_PUBLIC_PROGRAMS'] ?? '', 'messaging-sdk-example');
const describeWhere = existsSync(join(copy, 'node_modules/lp-messaging-sdk')) ? describe : describe.skip;

// The account and the key are the bot's own.
const ACCOUNT = '123';
const KEY = { appKey: '123', secret: '123', accessToken: '123', accessTokenSecret: '123' };
const LOOK_UP = ['http://adminlogin.liveperson.net', 'https://adminlogin.liveperson.net'];

let simulator: Simulator;
let pipe: Server;
let folder: string;
beforeEach(async () => {
  const agents = [
    { username: 'cbot', ...KEY },
    { username: 'bot', password: 'secret' },
  ];
  simulator = await startSimulator({ tls: true, accountId: ACCOUNT, agents, allowedOrigins: LOOK_UP });
  // The SDK looks hosts up without TLS.
  pipe = createServer((socket) => {
    const port = Number(simulator.csdsDomain.split(':')[1]);
    const inner = connect({ host: 'localhost', port, ca: simulator.ca });
    socket.pipe(inner).pipe(socket);
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => pipe.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'lp-vendor-sdk-'));
  writeFileSync(join(folder, 'ca.pem'), simulator.ca ?? '');
});
afterEach(async () => {
  await simulator.close();
  pipe.close();
  rmSync(folder, { recursive: true });
});

function run(file: string) {
  const child = spawn(process.execPath, ['--require', join(import.meta.dirname, 'loopback.cjs'), file], {
    env: {
      PATH: process.env['PATH'],
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      SIMULATOR_PORT: simulator.csdsDomain.split(':')[1],
      PIPE_PORT: String((pipe.address() as AddressInfo).port),
      ACCOUNT,
      PASSWORD: 'secret',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(output)));
  return {
    ended,
    async end() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

describeWhere('the vendor’s newer SDK, 1.5.4', () => {
  it('runs its example bot unchanged', async () => {
    const bot = run(join(copy, 'index.js'));
    await simulator.waitForRequest('SubscribeExConversations');
    const chat = await simulator.consumer().startConversation();
    await simulator.waitForRequest('UpdateConversationField');
    await chat.say('Hi');
    expect((await chat.next()).text).toBe('Hello!');
    await chat.say('and now?');
    expect((await chat.next()).text).toBe('and now?');
    await chat.close();
    await chat.closed;
    expect(await bot.end()).toContain('Received a new message with body: and now?');
  }, 30_000);

  it('does as a bot, as a consumer and by REST what it documents', async () => {
    symlinkSync(join(copy, 'node_modules'), join(folder, 'node_modules'));
    const program = join(folder, 'both-sides.cjs');
    copyFileSync(join(import.meta.dirname, 'both-sides.cjs'), program);
    expect(await run(program).ended).toBe('done\n');
  }, 60_000);
});
