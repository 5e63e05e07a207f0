import { memoryInUse } from '../lib/resources.ts';
import { World } from '../lib/world.ts';

/** What a platform that is faster than the bot came to. */
export interface FastServerResult {
  readonly messages: number;
  readonly lost: number;
  readonly twice: number;
  readonly unordered: number;
  /** How often the bot's stream was full. */
  readonly slowConsumers: number;
  /** What the agent took of the memory in the end. */
  readonly agentMemory: number;
  readonly realSeconds: number;
  readonly failures: readonly string[];
}

const AGENT_LIMIT = 16 * 1024 * 1024;

/** Everything is said at once, in few conversations, and answered one by one. */
export async function runFastServer({
  messages,
  conversations,
}: {
  messages: number;
  conversations: number;
}): Promise<FastServerResult> {
  const startedAt = performance.now();
  const world = await World.start();
  const ids = await world.serve(conversations);
  for (let n = 0; n < messages; n++) world.say(ids[n % ids.length] as string);
  await world.allAnswered('everything that was said at once');
  const tally = await world.tally();
  const before = await memoryInUse();
  await world.closeAgent();
  world.agent = undefined;
  const agentMemory = before - (await memoryInUse());
  await world.closePlatform();
  const failures: string[] = [];
  if (tally.lost + tally.twice + tally.unordered > 0) failures.push('messages were lost, repeated or out of order');
  if (world.statuses.has('disconnected')) failures.push('the connection was lost');
  if (agentMemory > AGENT_LIMIT) failures.push(`the agent took ${agentMemory} bytes`);
  return {
    messages,
    ...tally,
    slowConsumers: world.statuses.get('slowConsumer') ?? 0,
    agentMemory,
    realSeconds: Math.round((performance.now() - startedAt) / 1_000),
    failures,
  };
}
