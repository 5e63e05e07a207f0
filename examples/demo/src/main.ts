import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';

const BOT = fileURLToPath(new URL('../../echo-bot/dist/main.js', import.meta.url));
const PATIENCE_MS = 15_000;
const SCRIPT = ['Hello, is anybody there?', 'My parcel has not arrived.', 'Thank you, goodbye!'];

/** The echo bot as a process of its own, on the same road as with a real account: only LP_CSDS differs. */
function startBot(simulator: Simulator) {
  const { accountId, credentials, csdsDomain } = simulator.connectOptions;
  const env = {
    PATH: process.env['PATH'],
    LP_ACCOUNT: accountId,
    LP_USER: credentials.username,
    LP_PASS: credentials.password,
    LP_CSDS: csdsDomain,
  };
  const bot = spawn(process.execPath, [BOT], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const output of [bot.stdout, bot.stderr]) output.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const failed = once(bot, 'exit').then(([code]) => {
    throw new Error(`the bot ended with exit code ${String(code)}: ${said.trim() || 'it said nothing'}`);
  });
  // Whoever waits for the bot is told; nobody does once the demo is over.
  failed.catch(() => undefined);
  const stop = async () => {
    bot.kill('SIGTERM');
    await failed.catch(() => undefined);
  };
  return { failed, stop };
}

function show(who: string, text: string | undefined): void {
  console.log(`  ${who.padEnd(14)} ${text ?? '(no text)'}`);
}

async function converse(chat: SimulatedChat): Promise<void> {
  for (const line of SCRIPT) {
    show('Ada, consumer', line);
    await chat.say(line);
    const answer = await chat.next({ timeoutMs: PATIENCE_MS });
    show('Echo bot', answer.text);
    if (answer.text !== `echo: ${line}`) throw new Error('the bot answered, but not with an echo');
  }
}

async function typeAsConsumer(simulator: Simulator, chat: SimulatedChat): Promise<void> {
  console.log(`\nThe simulator stays up (account ${simulator.accountId}). Its chat page: ${simulator.pageUrl}`);
  console.log('Type as Ada; the bot answers. An empty line or Ctrl-C ends it.\n');
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '  Ada, consumer  ' });
  terminal.prompt();
  for await (const line of terminal) {
    if (line.trim() === '') break;
    await chat.say(line);
    show('Echo bot', (await chat.next({ timeoutMs: PATIENCE_MS })).text);
    terminal.prompt();
  }
  terminal.close();
}

async function main(): Promise<void> {
  await using simulator = await startSimulator({ web: true });
  console.log(
    `The simulator is up at ${simulator.url}; the echo bot logs in as ${simulator.connectOptions.credentials.username}.\n`,
  );
  const bot = startBot(simulator);
  try {
    await Promise.race([simulator.waitForRequest('SetAgentState', undefined, { timeoutMs: PATIENCE_MS }), bot.failed]);
    await using ada = simulator.consumer({ firstName: 'Ada' });
    const chat = await ada.startConversation();
    await Promise.race([converse(chat), bot.failed]);
    const interactive = process.stdin.isTTY && process.stdout.isTTY && !process.argv.includes('--once');
    if (interactive) await Promise.race([typeAsConsumer(simulator, chat), bot.failed]);
    await chat.close();
  } finally {
    await bot.stop();
  }
  console.log('\nThat was a bot in about ten lines: examples/echo-bot/src/echo.ts');
}

main().catch((error: Error) => {
  console.error(`\ndemo: ${error.message}`);
  process.exitCode = 1;
});
