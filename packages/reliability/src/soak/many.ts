import { memoryInUse } from '../lib/resources.ts';
import { World } from '../lib/world.ts';

/** What serving very many conversations came to. */
export interface ManyResult {
  readonly conversations: number;
  readonly answered: number;
  readonly lost: number;
  readonly twice: number;
  readonly realSeconds: number;
  /** What the agent and the platform take for each conversation that is open and idle, in bytes. */
  readonly perConversation: number;
  /** What the agent alone takes for each. */
  readonly ofTheAgent: number;
  readonly failures: readonly string[];
}

/** A bot serves `count` conversations at the same time, each of which says something. */
export async function runMany({ count, sample }: { count: number; sample: number }): Promise<ManyResult> {
  const startedAt = performance.now();
  const world = await World.start();
  const empty = await memoryInUse();
  const ids = await world.serve(count);
  const full = await memoryInUse();
  const answered = count - world.open;
  // All were answered as far as the bot knows; the platform's history is read of some.
  const every = Math.max(1, Math.floor(count / sample));
  const checked = await world.tally((id) => ids.indexOf(id) % every === 0);
  await world.closeAgent();
  world.agent = undefined;
  const without = await memoryInUse();
  await world.closePlatform();
  const failures: string[] = [];
  if (checked.lost + checked.twice > 0 || answered < count) failures.push('messages were lost or repeated');
  if (world.statuses.has('disconnected')) failures.push('the connection was lost');
  return {
    conversations: count,
    answered,
    lost: checked.lost,
    twice: checked.twice,
    realSeconds: Math.round((performance.now() - startedAt) / 1_000),
    perConversation: Math.round((full - empty) / count),
    ofTheAgent: Math.round((full - without) / count),
    failures,
  };
}
