import { LpError } from '@lp/core';
import { Complaints } from '../lib/complaints.ts';
import { resourcesInUse } from '../lib/resources.ts';
import { World } from '../lib/world.ts';
import type { FaultRow, FaultScenario } from './scenario.ts';

const CONVERSATIONS = 3;
const LATER_MS = 8_000;
// A last notification that was lost is found by the audit, once a minute.
// What asks to wait for an hour gets it, and a bare no is believed after ten minutes.
const LONGEST_MS = 4_000_000;

/** Lets a fault strike a bot under way, or its start, and reports what became of it. */
export async function runScenario(scenario: FaultScenario): Promise<FaultRow> {
  const before = resourcesInUse();
  const complaints = new Complaints();
  const world = await World.start(scenario.world);
  const failures: string[] = [];
  try {
    const { outcome, afterMs } = await (scenario.group === 'start' ? strikeStart : strikeLife)(scenario, world);
    if (outcome !== (scenario.error ?? 'recovered')) failures.push(`ended as ${outcome}`);
    const tally = await world.tally();
    const problem = scenario.check?.(world);
    if (problem !== undefined) failures.push(problem);
    await world.closeAgent();
    await world.closePlatform();
    for (const reason of complaints.all) world.canary.look('unhandled', reason);
    const leaks = [...world.canary.leaks];
    if (tally.lost + tally.unordered > 0 || (tally.twice > 0 && !scenario.repeats))
      failures.push('messages were lost, repeated or out of order');
    const unhandled = complaints.stop();
    const remains = await remainsOf(world, before);
    if (unhandled.length > 0) failures.push(`unhandled: ${unhandled.join('; ')}`);
    if (leaks.length > 0) failures.push(`secrets shown in: ${leaks.join(', ')}`);
    if (remains !== '') failures.push(`left behind: ${remains}`);
    const { id, group, what } = scenario;
    return { id, group, what, outcome, afterMs, ...tally, unhandled: unhandled.length, leaks, remains, failures };
  } catch (error) {
    await world.abandon();
    throw error;
  } finally {
    complaints.stop();
  }
}

type Ending = Pick<FaultRow, 'outcome' | 'afterMs'>;

async function strikeLife(scenario: FaultScenario, world: World): Promise<Ending> {
  const { lastsMs = 0, beforeMs = 0, jumpMs = 0 } = scenario;
  const { time } = world;
  const ids = await world.serve(CONVERSATIONS);
  await time.run(beforeMs);
  const startedAt = time.now + jumpMs;
  const sayAll = () => ids.forEach((id) => world.say(id));
  sayAll();
  await scenario.strike(world);
  await time.run(50);
  sayAll();
  const ended = scenario.error === undefined ? undefined : awaitEnd(world);
  await time.run(lastsMs);
  if (lastsMs > 0) lift(scenario, world);
  const outcome = ended ? await time.while(ended, 'the end of the agent', LONGEST_MS) : 'recovered';
  let afterMs = time.now - startedAt;
  if (ended) await startAgain(scenario, world);
  await world.allAnswered('what was said at the fault', LONGEST_MS);
  if (!ended) afterMs = time.now - startedAt;
  await time.run(Math.max(0, LATER_MS - afterMs));
  sayAll();
  await world.allAnswered('what was said later', LONGEST_MS);
  world.simulator.faults.clear();
  return { outcome, afterMs };
}

async function strikeStart(scenario: FaultScenario, world: World): Promise<Ending> {
  const { time } = world;
  const startedAt = time.now;
  await scenario.strike(world);
  const { lastsMs } = scenario;
  if (lastsMs !== undefined) void time.clock.setTimer(() => lift(scenario, world), lastsMs);
  let outcome: FaultRow['outcome'] = 'recovered';
  try {
    await world.serve(CONVERSATIONS);
  } catch (error) {
    if (!LpError.isInstance(error)) throw error;
    outcome = error.code;
  }
  const afterMs = time.now - startedAt;
  if (outcome !== 'recovered') {
    // Nothing may go on behind the rejection: no zombie that connects later.
    await time.run(60_000);
    lift(scenario, world);
    await world.serve(CONVERSATIONS);
  }
  return { outcome, afterMs };
}

function lift(scenario: FaultScenario, world: World): void {
  world.simulator.faults.clear();
  scenario.lift?.(world);
}

async function awaitEnd(world: World): Promise<FaultRow['outcome']> {
  const error = await world.agent?.closed;
  world.canary.look('agent.closed', error);
  return LpError.isInstance(error) ? error.code : 'recovered';
}

/** A supervisor starts the bot again once the cause is removed: what waits at the platform must not be lost. */
async function startAgain(scenario: FaultScenario, world: World): Promise<void> {
  await world.closeAgent();
  lift(scenario, world);
  await world.serveAgain();
}

async function remainsOf(world: World, before: string): Promise<string> {
  const { timers, listeners } = world.remains;
  const problems = [];
  if (timers > 0) problems.push(`${timers} timers`);
  if (listeners > 0) problems.push(`${listeners} listeners of the signal`);
  // Sockets that were destroyed are let go a few turns later.
  let after = '';
  for (let tries = 0; tries < 200 && (after = resourcesInUse()) !== before; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (after !== before) problems.push(`${after} (before: ${before || 'nothing'})`);
  return problems.join('; ');
}
