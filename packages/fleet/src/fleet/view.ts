import type { FleetRecord, LoginLoad } from '../engine/engine.ts';

/** A worker in a {@link FleetView}. */
export interface WorkerView {
  /** Its name. */
  readonly name: string;
  /** Tells one process of that name from the next. */
  readonly incarnation: string;
  /** Whether it hands everything over and takes nothing. */
  readonly draining: boolean;
  /** How long its beat has stood still, as far as this process has watched it. */
  readonly beatAgeMs: number;
}

/** A login in a {@link FleetView}. */
export interface LoginView extends LoginLoad {
  /** The name of the login. */
  readonly login: string;
  /** The name of the worker that holds it. */
  readonly owner: string | undefined;
  /** Counts up each time it changes hands. */
  readonly epoch: number;
  /** When it was claimed, or became free. */
  readonly since: Date;
  /** Why nobody claims it: the code of the platform's refusal. */
  readonly aside: string | undefined;
}

/** Who holds what. */
export interface FleetView {
  /** Who takes part. */
  readonly workers: readonly WorkerView[];
  /** Every login, and who holds it. */
  readonly logins: readonly LoginView[];
}

const NOTHING: LoginLoad = { open: 0, unhandled: 0, oldestUnhandledMs: 0 };

/** The engine's rows as people read them. */
export function viewOf({ workers, logins }: FleetRecord, beatAgeMs: (incarnation: string) => number): FleetView {
  const byIncarnation = new Map(workers.map((worker) => [worker.incarnation, worker]));
  return {
    workers: workers
      .map(({ name, incarnation, draining }) => ({
        name,
        incarnation,
        draining,
        beatAgeMs: Math.round(beatAgeMs(incarnation)),
      }))
      .toSorted((one, other) => one.name.localeCompare(other.name)),
    logins: logins.map(({ login, owner, epoch, since, aside }) => {
      const worker = owner === undefined ? undefined : byIncarnation.get(owner);
      return { login, owner: worker?.name, epoch, since: new Date(since), aside, ...(worker?.loads[login] ?? NOTHING) };
    }),
  };
}
