import type { DialogRecord } from './dialog-record.ts';

/** One life of a worker: a process that starts again is another one. */
export interface WorkerEntry {
  /** A UUID made when the worker joins. */
  readonly incarnation: string;
  /** The worker's name, as people know it. */
  readonly name: string;
  /** How long it may be silent before others take its logins: they go by its own TTL, which may differ from theirs. */
  readonly ttlMs: number;
  /** How many logins it holds at most; undefined: as many as there are. */
  readonly room?: number | undefined;
  /** The same for all workers that know the same logins: these share them out among themselves. Undefined: it knows all. */
  readonly list?: string | undefined;
}

/** What there is to see of a worker's life. */
export interface Pulse {
  /** Counts up with each pulse of the worker. */
  readonly beat: number;
  /** How long a worker counts as alive after a pulse, in milliseconds. */
  readonly ttlMs: number;
}

/** How much a login has to do, as its owner last told. */
export interface LoginLoad {
  /** Conversations that have a handler. */
  readonly open: number;
  /** Dialogs with a consumer's message that is not handled yet. */
  readonly unhandled: number;
  /** How long the oldest of these waits, in milliseconds. */
  readonly oldestUnhandledMs: number;
}

/** A worker as the engine knows it. */
export interface WorkerRecord extends WorkerEntry {
  /** Counts up; how long it has stood still is for each reader's own clock to tell. */
  readonly beat: number;
  /** Whether it hands everything over and takes nothing. */
  readonly draining: boolean;
  /** How much each of its logins that is ONLINE has to do; one that still logs in is not among them. */
  readonly loads: Readonly<Record<string, LoginLoad>>;
}

/** A login as the engine knows it. */
export interface LoginRecord {
  /** The name of the login. */
  readonly login: string;
  /** The incarnation of the worker that holds it. */
  readonly owner: string | undefined;
  /** One more with each claim: who writes under an older one is refused. */
  readonly epoch: number;
  /** When it was claimed or became free, in milliseconds of the engine's clock; to be shown, not to be compared. */
  readonly since: number;
  /** False while it is held, and after its owner was buried: whatever that owner wrote may still be on its way. */
  readonly clean: boolean;
  /** Why nobody should claim it, as an error's code; undefined when it may be claimed. */
  readonly aside: string | undefined;
  /** The owner is asked to hand it over. */
  readonly move: boolean;
  /** The incarnation that handed it over because it could not serve it, or was asked to. */
  readonly avoid: string | undefined;
}

/** Everything that the engine knows of the fleet, at one moment. */
export interface FleetRecord {
  /** Who takes part. */
  readonly workers: readonly WorkerRecord[];
  /** Who holds which login. */
  readonly logins: readonly LoginRecord[];
}

/** A login that was claimed. */
export interface Claim {
  /** The login that is taken. */
  readonly login: string;
  /** The epoch that begins with it. */
  readonly epoch: number;
  /** Whether the owner before had released it. If not, it may still be alive and write. */
  readonly clean: boolean;
}

/** How a login is given back. */
export interface Release {
  /** The login that is given up. */
  readonly login: string;
  /** The epoch under which it was held. */
  readonly epoch: number;
  /** The code of the error for which nobody should claim it. */
  readonly aside?: string | undefined;
  /** Another worker should have it, if there is one. */
  readonly avoidMe?: boolean | undefined;
}

/** A dialog's record to be kept, or with `record: undefined` forgotten, under a login's epoch. */
export interface Change {
  /** The login whose place it is. */
  readonly login: string;
  /** The epoch under which it is written; an older one is refused. */
  readonly epoch: number;
  /** The dialog. */
  readonly dialogId: string;
  /** What is to be kept of the dialog. */
  readonly record: DialogRecord | undefined;
}

/** What became of a change: `stale` means that somebody else has the login, or has kept a newer revision. */
export type ChangeOutcome = 'kept' | 'stale';

/** Something that a person asks for, from outside. Workers are named by their name or incarnation. */
export type Order = { readonly drain: string } | { readonly move: string };

/** What a limit is asked: for the next turn, to stop everybody for a while, or how long everybody is stopped. */
export type LimitRequest = { readonly turnEveryMs: number } | { readonly holdMs: number } | { readonly ask: 'held' };

/** What an engine is opened with. */
export interface EngineSetting {
  /** Whose fleet it is: an engine keeps the fleet of one account. Undefined: whosever is there, to look at it. */
  readonly accountId: string | undefined;
  /** No call takes longer: it rejects, whatever becomes of it at the engine. */
  readonly callTimeoutMs: number;
}

/**
 * Where a fleet keeps who holds what. Two are part of this package, and `engineContract` tests one of your own.
 *
 * It never sees credentials. Each method is atomic; each rejects rather than hang. What a call that rejected has done is
 * unknown, so the callers repeat it or look.
 */
export interface FleetEngine {
  /** Says which one it is, in diagnostics. */
  readonly kind: string;
  /** Connects, checks that it can be used, and brings its tables to this version; two may do so at once. @throws ConfigError in one sentence; what is `retryable`, as NotConnectedError, when it is away: it is opened again. */
  open(setting: EngineSetting): Promise<void>;
  /** Enters a worker. */
  join(worker: WorkerEntry): Promise<void>;
  /**
   * Counts a worker's beat up, and keeps what it tells of its logins and which list of them it has now. False when it is no
   * longer entered: whoever was buried is never entered again.
   */
  beat(incarnation: string, loads: Readonly<Record<string, LoginLoad>>, list?: string): Promise<boolean>;
  /** The beat of every worker, and its TTL: the cheapest question there is. */
  pulse(): Promise<ReadonlyMap<string, Pulse>>;
  /** Everything that is known of the fleet now. */
  read(): Promise<FleetRecord>;
  /** Removes a worker and frees its logins; with `beat`, only while its beat is still that. True when it was removed. */
  remove(incarnation: string, beat?: number): Promise<boolean>;
  /** Claims those of these logins that are free, those that were never heard of included. Rejects when the worker is not entered. */
  claim(incarnation: string, logins: readonly string[]): Promise<readonly Claim[]>;
  /** Gives a login back. False when it was not this worker's, under this epoch. */
  release(incarnation: string, release: Release): Promise<boolean>;
  /** Lets a login that was set aside be claimed again. */
  readmit(login: string): Promise<void>;
  /** All records of a login. */
  load(login: string): Promise<ReadonlyMap<string, DialogRecord>>;
  /** Keeps records: all that are not stale, or none. Each (login, dialog) comes at most once. Outcomes in the order of the changes. */
  commit(incarnation: string, changes: readonly Change[]): Promise<readonly ChangeOutcome[]>;
  /** How long to wait, in milliseconds: for one's turn, or until a hold is over. At most a minute, whatever clocks do. */
  limit(key: string, request: LimitRequest): Promise<number>;
  /** Notes what a person asks for. False when there is no such worker or login. */
  order(order: Order): Promise<boolean>;
  /** Calls back when something may have changed; may call too often, and may not call at all. Returns how to stop it. */
  onWake(listener: () => void): () => void;
  /** Gives everything up that it has opened itself. */
  close(): Promise<void>;
}
