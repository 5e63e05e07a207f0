import type { KillsRow } from '../kills/kills-row.ts';
import type { Results } from './results.ts';

const HOW: Readonly<Record<KillsRow['how'], string>> = {
  random: 'at random moments',
  faults: 'at random moments, while faults strike',
  points: 'at each point of its work',
  pairs: 'at each point of its work, and there again',
};
const PLACE: Readonly<Record<KillsRow['store'], string>> = {
  file: 'a file, with data',
  cursors: 'a file of positions',
  none: 'READ marks alone',
};

/** What killed bots and hand-offs came to. */
export function kills({ kills: result }: Results): string[] {
  if (!result) return [];
  const { handOffs, realSeconds, rows, seed } = result;
  const sum = (kind: KillsRow['kind'], count: (row: KillsRow) => number) =>
    rows.filter((row) => row.kind === kind).reduce((total, row) => total + count(row), 0);
  const atRandom = ({ how, kills: times }: KillsRow) => (how === 'random' || how === 'faults' ? times : 0);
  const lines = rows.map(
    (row) =>
      `| ${row.kind === 'form' ? 'form' : 'streamed answer'} | ${PLACE[row.store]}${row.metadata ? '' : '; the history keeps no ids'} | ${HOW[row.how]} | ${row.kills} | ${row.cuts} | **${row.wrong.length}** | ${row.effects} | ${row.repeated} |`,
  );
  const text = (value: number) => value.toLocaleString('en-US');
  return [
    `## Killed in the middle

A process is ended by SIGKILL in the middle of its work and the next one goes on, over and over, while consumers play a script. Half of the random
kills strike by the clock, half at a point of the bot's own work: before or after it publishes, saves or marks anything, or has got an
answer. Up to ${Math.max(...rows.map(({ cuts, kills: times }) => Math.round(cuts / times)))} conversations are under way at a random kill, and each of them is cut at a point of its own. Afterwards everything that was said must be
what is said undisturbed: each question once, each answer used once, each paragraph once, in order. After each kill the file is looked
into: what is remembered must be of messages that count as handled. **Wrong** is any difference.

Forms (a welcome, a question before the loop, three questions, one answer that does not count, a message that waits meanwhile): ${text(sum('form', (row) => row.kills))} processes
killed, ${text(sum('form', atRandom))} of them at random moments, which has cut ${text(sum('form', (row) => row.cuts))} conversations. Streamed answers (four paragraphs, other words in each life): ${text(sum('stream', (row) => row.kills))}
processes killed, ${text(sum('stream', atRandom))} at random moments, ${text(sum('stream', (row) => row.cuts))} conversations cut. **Done** are
orders, or answers; **again** is how often an order's effect ran a second time, always under the same key and with the same values, or the model was
called to go on with what an earlier process had begun. Once an answer's last part is out, the model is not called again, but where the
history keeps no ids. Seed ${seed}; it took ${realSeconds} s.

| bot | its place is in | killed | kills | cut | wrong | done | again |
|---|---|---|---|---|---|---|---|
${lines.join('\n')}

**Handed off.** A bot that says, shows and marks something a hundred times a second in each conversation hands ${text(handOffs.conversations)} of them to another skill, in the
middle of an answer, in waves of forty. In each wave a random fault strikes every second, up to sixty times: ${text(handOffs.faults)} in all. ${text(handOffs.refused)} sends were tried afterwards and refused
within the process, **${handOffs.late}** words, typing states and marks reached the platform behind a transfer that succeeded. ${handOffs.untold} consumers were not told of it, ${handOffs.toldTwice} twice. Of ${text(handOffs.unseen)} more the platform
did not show in ten seconds that they had left, so that the bot was told of a failure; they are not counted. It took ${handOffs.realSeconds} s.`,
  ];
}
