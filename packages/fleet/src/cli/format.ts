import type { FleetView } from '../fleet/view.ts';

/** A view as a table for people. */
export function formatView({ workers, logins }: FleetView, now: number): string {
  const rows = logins.map(({ aside, epoch, login, oldestUnhandledMs, open, owner, since, unhandled }) => [
    login,
    owner ?? (aside === undefined ? 'nobody' : `set aside (${aside})`),
    `${epoch}`,
    duration(now - since.getTime()),
    `${open}`,
    unhandled === 0 ? '0' : `${unhandled} (${duration(oldestUnhandledMs)})`,
  ]);
  const held = (name: string) => logins.filter(({ owner }) => owner === name).length;
  const crew = workers.map(({ draining, name }) => [name, `${held(name)}`, draining ? 'draining' : '']);
  return `${table(['worker', 'logins', ''], crew)}\n${table(['login', 'held by', 'epoch', 'for', 'open', 'unhandled'], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
