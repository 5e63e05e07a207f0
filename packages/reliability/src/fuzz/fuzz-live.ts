import { Complaints } from '../lib/complaints.ts';
import { createRandom } from '../lib/random.ts';
import { memoryInUse } from '../lib/resources.ts';
import { World } from '../lib/world.ts';
import type { Corpus } from './corpus.ts';
import { mutateText, randomText } from './mutate.ts';

const BATCH = 250;

/** What a run over a live connection found. */
export interface LiveResult {
  readonly inputs: number;
  readonly notifications: number;
  readonly invalid: number;
  readonly answered: number;
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  readonly failures: readonly string[];
}

/** Sends `count` wrong frames to a bot at work, between the right ones, over a loopback socket. */
export async function fuzzLive(corpus: Corpus, { count, seed }: { count: number; seed: number }): Promise<LiveResult> {
  const random = createRandom(seed);
  const complaints = new Complaints();
  const world = await World.start({ proxy: true });
  const { proxy, time } = world;
  const ids = await world.serve(3);
  const { agent } = world;
  if (!agent || !proxy) throw new Error('no agent');
  // Every kind of stream is open; that of all messages ends, rather than lose one, when it is not read.
  let notifications = 0;
  const reading = Promise.all([
    read(agent.notifications(), () => notifications++),
    read(agent.conversationChanges(), () => undefined),
    read(agent.messagingEvents(), () => undefined),
    read(agent.routingTasks(), () => undefined),
    read(agent.agentStates(), () => undefined),
  ]);
  let sent = 0;
  let answered = 0;
  let memoryBefore = 0;
  while (sent < count) {
    for (let n = 0; n < BATCH && sent < count; n++, sent++) {
      const binary = random.below(100) === 0;
      const text = random.below(20) === 0 ? randomText(random) : mutateText(random.pick(corpus.frames), random);
      proxy.send(binary ? Buffer.from(text) : text, { binary });
    }
    for (const id of ids) world.say(id);
    answered += ids.length;
    await time.until(() => proxy.waiting === 0, 'the frames taken');
    await world.allAnswered('what was said between wrong frames');
    // The first frames bring every shape once; what they leave is no growth.
    if (memoryBefore === 0 && sent >= count / 4) memoryBefore = await memoryInUse();
  }
  const memoryAfter = await memoryInUse();
  await time.while(agent.getClock(), 'a request');
  const failures: string[] = [];
  const { lost, twice, unordered } = await world.tally();
  if (lost + twice + unordered > 0) failures.push(`${lost} messages lost, ${twice} twice, ${unordered} out of order`);
  if (world.statuses.has('disconnected')) failures.push('the connection was lost');
  await world.closeAgent();
  await time.while(reading, 'the end of the streams');
  await world.closePlatform();
  const { timers, listeners } = world.remains;
  if (timers + listeners > 0) failures.push(`${timers} timers and ${listeners} listeners were left`);
  const unhandled = complaints.stop();
  if (unhandled.length > 0) failures.push(`unhandled: ${unhandled.join('; ')}`);
  if (world.canary.leaks.size > 0) failures.push(`secrets shown in: ${[...world.canary.leaks].join(', ')}`);
  return {
    inputs: count,
    notifications,
    invalid: world.statuses.get('invalidFrame') ?? 0,
    answered,
    memoryBefore,
    memoryAfter,
    failures,
  };
}

async function read(stream: AsyncIterable<unknown>, each: () => void): Promise<void> {
  for await (const _ of stream) each();
}
