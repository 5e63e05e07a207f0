// Prints how many timers an agent has set before it had the time to load anything, and how many once it was connected.
import { connectAgent } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';

let timers = 0;
const clock = {
  now: () => Date.now(),
  setTimer(callback, ms) {
    timers++;
    const timer = setTimeout(() => callback(), ms);
    return { cancel: () => clearTimeout(timer) };
  },
};
const connecting = connectAgent({ ...credentialsFromEnv(), clock });
for (let turn = 0; turn < 50; turn++) await Promise.resolve();
const before = timers;
const agent = await connecting;
console.log(JSON.stringify({ before, connected: timers > 0 && agent.state === 'connected' }));
await agent.close();
