// Runs the bot named by the first parameter as a process of its own and talks to it as a consumer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startSimulator } from '@lp/simulator';

const simulator = await startSimulator();
const { accountId, credentials, csdsDomain } = simulator.connectOptions;
const bot = spawn(process.execPath, [process.argv[2]], {
  env: {
    LP_ACCOUNT: accountId,
    LP_USER: credentials.username,
    LP_PASS: credentials.password,
    LP_CSDS: csdsDomain,
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const exited = once(bot, 'exit');
const chat = await simulator.consumer().startConversation({ message: 'hi' });
console.log((await chat.next({ timeoutMs: 30_000 })).text);
bot.kill('SIGTERM');
const [exitCode] = await exited;
console.log(`exit code ${exitCode}`);
await simulator.close();
