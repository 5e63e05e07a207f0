// Runs a bot of the old form against a simulator and prints what it answers.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { startSimulator } from '@lp/simulator';

const simulator = await startSimulator({ tls: true });
writeFileSync('ca.pem', simulator.ca);
const [{ username, password }] = simulator.agents;
const env = {
  ...process.env,
  NODE_EXTRA_CA_CERTS: 'ca.pem',
  LP_ACCOUNT: simulator.accountId,
  LP_USER: username,
  LP_PASS: password,
  LP_CSDS: simulator.csdsDomain,
};
const bot = spawn(process.execPath, ['echo-bot.cjs'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
await simulator.waitForRequest('SubscribeRoutingTasks', undefined, { timeoutMs: 20_000 });
const chat = await simulator.consumer().startConversation({ message: 'hi' });
console.log((await chat.next()).text);
bot.kill('SIGTERM');
await new Promise((resolve) => bot.once('close', resolve));
await simulator.close();
