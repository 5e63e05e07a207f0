import { memoryInUse } from '../lib/resources.ts';
import type { Tally } from '../lib/tally.ts';
import { World } from '../lib/world.ts';

/** What weeks of quiet work came to. */
export interface WeeksResult extends Tally {
  readonly days: number;
  readonly messages: number;
  readonly refreshes: number;
  readonly disconnects: number;
  /** What the agent took of the memory in the end. */
  readonly agentMemory: number;
  readonly timers: number;
  readonly realSeconds: number;
  readonly failures: readonly string[];
}

const DAY_MS = 86_400_000;
const PAUSE_MS = 900_000;

/** A bot at work for days of virtual time: something is said every quarter of an hour, and once a day the connection drops. */
export async function runWeeks({ days }: { days: number }): Promise<WeeksResult> {
  const startedAt = performance.now();
  const world = await World.start({ stepMs: 1_000 });
  const ids = await world.serve(10);
  const timersAtFirst = world.time.clock.pendingTimers;
  let messages = ids.length;
  for (let at = 0; at < days * DAY_MS; at += PAUSE_MS, messages++) {
    if (at % DAY_MS === 0 && at > 0) world.simulator.faults.dropAll();
    world.say(ids[messages % ids.length] as string);
    await world.time.run(PAUSE_MS);
  }
  await world.allAnswered('what was said last');
  const timers = world.time.clock.pendingTimers;
  const tally = await world.tally();
  const before = await memoryInUse();
  await world.closeAgent();
  world.agent = undefined;
  const agentMemory = before - (await memoryInUse());
  await world.closePlatform();
  const disconnects = world.statuses.get('disconnected') ?? 0;
  const failures: string[] = [];
  if (tally.lost + tally.twice + tally.unordered > 0) failures.push('messages were lost, repeated or out of order');
  if (disconnects !== days - 1) failures.push(`${disconnects} disconnects instead of ${days - 1}`);
  if (timers > timersAtFirst + 5) failures.push(`${timers} timers instead of ${timersAtFirst}`);
  return {
    days,
    messages,
    ...tally,
    refreshes: world.statuses.get('sessionRefreshed') ?? 0,
    disconnects,
    agentMemory,
    timers,
    realSeconds: Math.round((performance.now() - startedAt) / 1_000),
    failures,
  };
}
