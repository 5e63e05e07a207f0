import { asked, conclude, progress } from '../report/campaign.ts';
import { runChaos } from './chaos.ts';
import { runKilled } from './killed.ts';

const { seed, sizes, isShort } = asked({
  conversations: 500,
  seconds: 10_000,
  messagesPerSecond: 2,
  killed: { conversations: 500, seconds: 10_000, factor: 20, longestLife: 200 },
});
const { killed: ofKilled, ...ofVirtual } = sizes;
const program = process.env['LP_MORTAL_BOT'] ?? '';
const virtual = await runChaos({ ...ofVirtual, seed, onProgress: progress });
progress('now with a bot that is killed again and again');
const killed = await runKilled({
  ...ofKilled,
  seed,
  messagesPerSecond: sizes.messagesPerSecond,
  program,
  onProgress: progress,
});
conclude('chaos', { virtual, killed }, [...virtual.failures, ...killed.failures], isShort);
