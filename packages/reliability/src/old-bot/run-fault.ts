import { setTimeout as pause } from 'node:timers/promises';
import type { OldBotFault } from './faults.ts';
import { type OldBotPackage, OldBotWorld, type Retry } from './world.ts';

/** What became of a fault under one of the two packages. */
export interface OldBotRow {
  readonly id: string;
  readonly what: string;
  readonly package: OldBotPackage;
  /** What the bot does by itself about a lost connection; absent in results from before this was told apart: at once. */
  readonly retry?: Retry;
  /** `recovered`, `late` when not everything was answered in time, or `dead` when the process has ended or hangs. */
  readonly outcome: 'recovered' | 'silent' | 'ended';
  readonly said: number;
  readonly lost: number;
  readonly twice: number;
  readonly logins: number;
  readonly connections: number;
  readonly afterMs: number;
  /** What did not hold, of the package that takes the old one's place. */
  readonly failures: readonly string[];
}

const START_MS = 60_000;
const LAST_MS = 2_000;
// So many publishes are refused.
const OWN_LOST = 2;

export interface OldBotSizes {
  /** What a fault's time is multiplied by. */
  readonly scale: number;
  /** How long is waited for the old package, which may never recover, and for ours. */
  readonly limitMs: Readonly<Record<OldBotPackage, number>>;
}

/** Lets a fault strike a bot: three messages before it, at it, 50 ms later and when it is over. */
export async function runOldBotFault(
  fault: OldBotFault,
  as: OldBotPackage,
  retry: Retry,
  { scale, limitMs }: OldBotSizes,
): Promise<OldBotRow> {
  const world = await OldBotWorld.start(as, retry);
  try {
    // The old package never sees what was said before it asked.
    await world.until(() => world.isListening, START_MS);
    world.sayAll();
    if (!(await world.until(() => world.lost === 0, START_MS))) throw new Error(`${fault.id}: the bot did not start`);
    const loginsBefore = world.logins;
    const startedAt = performance.now();
    await fault.strike(world);
    world.sayAll();
    await pause(50);
    world.sayAll();
    await pause((fault.lastsMs ?? 0) * scale);
    world.simulator.faults.clear();
    world.respond = () => undefined;
    world.proxy.upgradable = true;
    world.proxy.toAgent = (text) => [text];
    const isBack = () => world.lost <= (fault.own === 'lost' ? OWN_LOST : 0) && world.proxy.links > 0;
    const recovered = await world.until(isBack, limitMs[as]);
    const afterMs = Math.round(performance.now() - startedAt);
    world.sayAll();
    await world.until(() => world.lost === 0, recovered && fault.own !== 'lost' ? START_MS : LAST_MS);
    // What is said twice, or connects twice, does so soon.
    await pause(500);
    const { lost, twice, said, isAlive } = world;
    const logins = world.logins - loginsBefore;
    const connections = world.proxy.links;
    const outcome = recovered ? 'recovered' : isAlive ? 'silent' : 'ended';
    const row = {
      id: fault.id,
      what: fault.what,
      package: as,
      retry,
      outcome,
      said,
      lost,
      twice,
      logins,
      connections,
      afterMs,
    } as const;
    return { ...row, failures: as === 'ours' ? failuresOf(fault, row, afterMs) : [] };
  } finally {
    await world.close();
  }
}

function failuresOf(fault: OldBotFault, row: Omit<OldBotRow, 'failures'>, tookMs: number): string[] {
  const { lost, twice, logins, connections, outcome } = row;
  const failures: string[] = [];
  if (outcome === 'ended') failures.push('the process has ended');
  if (lost > 0 && fault.own !== 'lost') failures.push(`${lost} messages were not answered`);
  if (twice > 0 && fault.own !== 'twice') failures.push(`${twice} messages were answered twice`);
  if (connections !== 1) failures.push(`${connections} connections in the end`);
  if (logins > 1 + Math.ceil(tookMs / 5_000)) failures.push(`${logins} logins`);
  return failures;
}
