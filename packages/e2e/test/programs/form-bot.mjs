// The form bot of the examples, which kills itself at one point: before or after it publishes or saves anything.
import { connectAgent, createFileDialogStore } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';
import { takeOrders } from '../../../../examples/form-bot/dist/form.js';

const killAt = Number(process.env.KILL_AT);
let points = 0;

function point() {
  if (++points === killAt) process.kill(process.pid, 'SIGKILL');
}

async function around(work) {
  point();
  const result = await work();
  point();
  return result;
}

const file = createFileDialogStore(process.env.STORE_FILE);
const store = {
  load: (key) => file.load(key),
  save: (key, record) => around(() => file.save(key, record)),
  delete: (key) => file.delete(key),
};
const publishes = (call, next) => (call.type.endsWith('PublishEvent') ? around(() => next(call)) : next(call));

const agent = await connectAgent({ ...credentialsFromEnv(), store, interceptors: [publishes] });
await agent.setAgentState({ availability: 'ONLINE' });
process.on('SIGTERM', () => {
  console.log(`points: ${points}`);
  process.exit();
});
console.log('online');
await agent.serve(takeOrders);
