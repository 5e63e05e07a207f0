import { runChaos } from './chaos.ts';
import { runKilled } from './killed.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);
const [kind = 'chaos', conversations = '500', seconds = '10000', program = ''] = process.argv.slice(2);
const options = {
  seed,
  conversations: Number(conversations),
  seconds: Number(seconds),
  messagesPerSecond: 2,
  onProgress: console.log,
};
if (kind === 'chaos') console.log(await runChaos(options));
else console.log(await runKilled({ ...options, factor: 20, longestLife: 120, program }));
