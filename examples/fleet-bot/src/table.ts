import type { FleetView } from '@lp/fleet';
import type { Tally } from './crowd.ts';

/** What is going on, as a few lines. */
export function draw(title: string, view: FleetView | undefined, tally: Tally): string {
  const lines = [title, ''];
  if (view) {
    for (const { name, draining } of view.workers) {
      const held = view.logins.filter(({ owner }) => owner === name);
      const open = held.reduce((sum, login) => sum + login.open, 0);
      lines.push(
        `  ${name.padEnd(10)} ${amount(held.length)} logins ${bar('■', held.length, view)} ${amount(open)} conversations${draining ? ', draining' : ''}`,
      );
    }
    const free = view.logins.filter(({ owner }) => owner === undefined).length;
    if (free > 0) lines.push(`  nobody     ${amount(free)} logins ${bar('□', free, view)}`);
  } else {
    lines.push('  the database is away: everybody waits, reading on');
  }
  const { answered, said, skipped, twice, waiting } = tally;
  lines.push('', `  said ${said}   answered ${answered}   waiting ${waiting}   lost ${skipped}   twice ${twice}`, '');
  return lines.join('\n');
}

const amount = (count: number): string => `${count}`.padStart(2);
const bar = (mark: string, count: number, { logins }: FleetView): string => mark.repeat(count).padEnd(logins.length);
