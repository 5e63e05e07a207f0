import { startSimulator } from '@lp/simulator';
import { createRandom } from '../lib/random.ts';
import { asked, conclude, progress } from '../report/campaign.ts';
import { runHandOffs } from './hand-off.ts';
import type { KillsRow } from './kills-row.ts';
import { Lane, type LaneResult, skillOf, type Variant } from './lane.ts';
import { judgeCalls, judgeEffects, playForm, playStream } from './plays.ts';

const VARIANTS = [
  { store: 'file', metadata: true },
  { store: 'cursors', metadata: true },
  { store: 'none', metadata: true },
  { store: 'file', metadata: false },
] as const;

const { seed, sizes, isShort } = asked({
  /** Processes killed at random moments, of all variants together. */
  forms: 1_000,
  streams: 200,
  /** Processes killed at random moments while faults strike, of each kind. */
  faults: 20,
  /** The last point of a bot's work at which it is killed, once, and twice in a row. */
  points: { form: 32, stream: 18 },
  /** How many are under way at a random kill. */
  conversations: 4,
  /** Whether also with a history that keeps no ids. */
  withoutIds: true,
  /** Only rows whose name has this in it. */
  only: '',
  lanes: 4,
  handOffs: { conversations: 1_000, concurrency: 40, factor: 5 },
});
const program = process.env['LP_DYING_BOT'] ?? '';
const random = createRandom(seed);

type Task = (lane: Lane) => Promise<void>;
const tasks: { variant: Variant; how: KillsRow['how']; task: Task }[] = [];
for (const kind of ['form', 'stream'] as const) {
  const total = kind === 'form' ? sizes.forms : sizes.streams;
  for (const { store, metadata } of VARIANTS) {
    const variant = { kind, store, metadata };
    const options = { conversations: sizes.conversations, rounds: 3, random };
    const kills = Math.ceil(total / VARIANTS.length);
    tasks.push({ variant, how: 'random', task: (lane) => lane.atRandom({ ...options, kills, faults: false }) });
    if (store === 'cursors') continue;
    const points = Array.from({ length: sizes.points[kind] }, (_, n) => n + 1);
    tasks.push({
      variant,
      how: 'points',
      task: async (lane) => {
        for (const point of points) await lane.atPoints([point]);
      },
    });
    if (store !== 'file' || !metadata) continue;
    tasks.push({
      variant,
      how: 'pairs',
      task: async (lane) => {
        for (const point of points) await lane.atPoints([point, point]);
      },
    });
  }
  const variant = { kind, store: 'file', metadata: true } as const;
  const options = { conversations: sizes.conversations, rounds: 3, random, kills: sizes.faults, faults: true };
  if (sizes.faults > 0) tasks.push({ variant, how: 'faults', task: (lane) => lane.atRandom(options) });
}

const agents = Array.from({ length: tasks.length }, (_, index) => ({
  username: `bot-${index}@example.com`,
  password: 'x',
  skills: [skillOf(index)],
}));
// Consumers wait in silence while bots come and go.
const simulator = await startSimulator({ seed, agents, quirks: { ringReofferMs: 20 }, idleTimeoutMs: 3_600_000 });
const rows: KillsRow[] = [];
const due = tasks
  .map((task, index) => ({ ...task, index }))
  .filter(({ how, variant }) => nameOf(variant, how).includes(sizes.only) && (variant.metadata || sizes.withoutIds));

async function work(): Promise<void> {
  for (let next = due.shift(); next; next = due.shift()) {
    const { how, index, task, variant } = next;
    const play = variant.kind === 'form' ? playForm : playStream;
    const lane = new Lane(simulator, index, { program, variant, play });
    await task(lane);
    const row = rowOf(variant, how, lane.end());
    rows[index] = row;
    progress(`${nameOf(variant, how)}: ${row.kills} kills, ${row.cuts} cuts, ${row.wrong.length} wrong`);
    for (const wrong of row.wrong.slice(0, 3)) progress(`  ${wrong.slice(0, 2_000)}`);
  }
}

function nameOf({ kind, metadata, store }: Variant, how: string): string {
  return `${kind}, ${store}${metadata ? '' : ' without ids'}, ${how}`;
}

function rowOf(
  variant: Variant,
  how: KillsRow['how'],
  { conversations, cuts, kills, told, wrong }: LaneResult,
): KillsRow {
  const base = { ...variant, how, kills, cuts, conversations };
  if (variant.kind === 'form') {
    const { effects, repeated, wrong: otherwise } = judgeEffects(told);
    return { ...base, effects, repeated, wrong: [...wrong, ...otherwise] };
  }
  const { answers, calls, wrong: otherwise } = judgeCalls(told, variant.metadata);
  return { ...base, effects: answers, repeated: calls - answers, wrong: [...wrong, ...otherwise] };
}

const startedAt = Date.now();
await Promise.all(Array.from({ length: sizes.lanes }, work));
await simulator.close();
const realSeconds = Math.round((Date.now() - startedAt) / 1_000);
const handOffs = await runHandOffs({ ...sizes.handOffs, seed, progress });
progress(`hand-offs: ${JSON.stringify(handOffs)}`);
const done = rows.filter((row) => row !== undefined);
const failures = [...done.flatMap(({ wrong }) => wrong), ...handOffs.failures];
conclude('kills', { seed, realSeconds, rows: done, handOffs }, failures, isShort);
