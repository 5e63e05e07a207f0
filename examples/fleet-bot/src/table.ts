import type { FleetView } from '@lp/fleet';
import type { Tally } from './crowd.ts';

/** What is going on, as a few lines. */
export function draw(title: string, view: FleetView | undefined, tally: Tally, logins: number): string {
  const { said, answered, twice, waiting } = tally;
  const lines = [title, ''];
  if (view) {
    for (const { name, draining } of view.workers) {
      const held = view.logins.filter(({ owner }) => owner === name);
      const open = held.reduce((sum, login) => sum + login.open, 0);
      lines.push(
        `  ${name.padEnd(10)} ${`${held.length}`.padStart(2)} logins ${'■'.repeat(held.length).padEnd(logins)} ${`${open}`.padStart(3)} conversations${draining ? ', draining' : ''}`,
      );
    }
    const free = view.logins.filter(({ owner }) => owner === undefined).length;
    if (free > 0) lines.push(`  nobody     ${`${free}`.padStart(2)} logins ${'□'.repeat(free)}`);
  } else {
    lines.push('  the database is away: everybody waits, reading on');
  }
  lines.push('', `  said ${said}   answered ${answered}   waiting ${waiting}   twice ${twice}`, '');
  return lines.join('\n');
}
