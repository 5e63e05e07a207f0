import type { DialogRecord } from '../engine/dialog-record.ts';
import type { FleetRecord, LoginLoad, LoginRecord, Pulse, WorkerRecord } from '../engine/engine.ts';

/** Workers and logins from the row that READ gives. */
export function readFleetRow(row: unknown): FleetRecord {
  const { logins, workers } = row as { logins: string; workers: string };
  return {
    workers: (JSON.parse(workers) as unknown[][]).map(readWorkerRow),
    logins: (JSON.parse(logins) as unknown[][]).map(readLoginRow),
  };
}

/** A worker from the columns that READ gives. */
function readWorkerRow(row: unknown[]): WorkerRecord {
  const [incarnation, name, beat, draining, loads, ttlMs, room, list] = row as [
    string,
    string,
    number,
    boolean,
    Record<string, LoginLoad>,
    number,
    number | null,
    string | null,
  ];
  return { incarnation, name, beat, draining, loads, ttlMs, room: room ?? undefined, list: list ?? undefined };
}

/** A worker's incarnation and pulse from a row of PULSE. */
export function readPulseRow(row: unknown): [string, Pulse] {
  const { beat, incarnation, ttl_ms: ttlMs } = row as { incarnation: string; beat: string; ttl_ms: number };
  return [incarnation, { beat: Number(beat), ttlMs: Number(ttlMs) }];
}

/** A login from the columns that READ gives. */
function readLoginRow(row: unknown[]): LoginRecord {
  const [login, owner, epoch, since, clean, aside, move, avoid] = row as [
    string,
    string | null,
    number,
    number,
    boolean,
    string | null,
    boolean,
    string | null,
  ];
  return {
    login,
    owner: owner ?? undefined,
    epoch,
    since,
    clean,
    aside: aside ?? undefined,
    move,
    avoid: avoid ?? undefined,
  };
}

type State = Partial<Pick<DialogRecord, 'ahead' | 'said' | 'attempts' | 'data'>>;

/** What has no column of its own, without what is empty. */
export function stateOf({ ahead, said, attempts, data }: DialogRecord): string {
  const state: State = {
    ...(ahead.length > 0 && { ahead }),
    ...(said !== -1 && { said }),
    ...(attempts !== 0 && { attempts }),
    ...(Object.keys(data).length > 0 && { data }),
  };
  return JSON.stringify(state);
}

/** A dialog's id and record from a row of `cursors`. */
export function readCursorRow(row: unknown): [string, DialogRecord] {
  const { dialog, seq, revision, state } = row as { dialog: string; seq: string; revision: string; state: string };
  const { ahead = [], said = -1, attempts = 0, data = {} } = JSON.parse(state) as State;
  return [dialog, { revision: Number(revision), sequence: Number(seq), ahead, said, attempts, data }];
}
