import { runChaos } from './chaos.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);
const [conversations = 500, seconds = 10_000] = process.argv.slice(2).map(Number);
console.log(await runChaos({ seed, conversations, seconds, messagesPerSecond: 2, onProgress: console.log }));
