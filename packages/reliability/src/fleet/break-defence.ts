import type { RequestInterceptor } from '@lp/agent';
import type { Change, FleetEngine } from '@lp/fleet';
import pg from 'pg';
import type { Defence } from './setting.ts';

/** An engine with a defence switched off. */
export function breakDefence(engine: FleetEngine, what: Defence, database: string): FleetEngine {
  let me = '';
  const changed: Partial<FleetEngine> = {
    join: (worker) => {
      me = worker.incarnation;
      return engine.join(worker);
    },
  };
  // The gate never shuts: every beat counts as good, at once.
  if (what === 'gate') changed.beat = async () => (void engine.beat(me, {}).catch(() => undefined), true);
  // Nobody is ever buried.
  if (what === 'burial') changed.remove = async (incarnation, beat) => beat === undefined && engine.remove(incarnation);
  // Everybody may log in at once.
  if (what === 'limiter') changed.limit = async () => 0;
  if (what === 'fence') {
    const pool = new pg.Pool({ connectionString: database, max: 2, allowExitOnIdle: true });
    pool.on('error', () => undefined);
    changed.commit = async (_incarnation, changes) => {
      for (const change of changes) await keepUnfenced(pool, change);
      return changes.map(() => 'kept' as const);
    };
  }
  return new Proxy(engine, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changed, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Writes a position whoever holds the login. */
async function keepUnfenced(pool: pg.Pool, { dialogId, epoch, login, record }: Change): Promise<void> {
  if (!record) return;
  const { ahead, attempts, data, revision, said, sequence } = record;
  await pool.query(
    `insert into lp_fleet.cursors (login, dialog, seq, revision, epoch, state) values ($1, $2, $3, $4, $5, $6)
     on conflict (login, dialog) do update set
       seq = excluded.seq, revision = excluded.revision, epoch = excluded.epoch, state = excluded.state, at = clock_timestamp()`,
    [login, dialogId, sequence, revision, epoch, JSON.stringify({ ahead, said, attempts, data })],
  );
}

/** Leaves the bot's own events out of the history, so that no look-up finds an answer. */
export const hideOwnEvents: RequestInterceptor = async (call, next) => {
  const result = await next(call);
  if (!call.type.endsWith('QueryMessages')) return result;
  const events = Array.isArray(result) ? (result as unknown[]) : undefined;
  const isOthers = (entry: unknown): boolean => {
    const { event, originatorMetadata } = (entry ?? {}) as {
      event?: { type?: string };
      originatorMetadata?: { role?: string };
    };
    return event?.type !== 'ContentEvent' || originatorMetadata?.role === 'CONSUMER';
  };
  return events ? events.filter(isOthers) : result;
};
