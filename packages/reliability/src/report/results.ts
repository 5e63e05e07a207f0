import type { ChaosResult } from '../chaos/chaos.ts';
import type { KilledResult } from '../chaos/killed.ts';
import type { CrowdResult } from '../crowd/run-crowd.ts';
import type { ExitRow } from '../exit/run-exit.ts';
import type { FaultRow } from '../faults/scenario.ts';
import type { FleetChaosResult } from '../fleet/chaos.ts';
import type { DefenceResult } from '../fleet/defences.ts';
import type { Figures } from '../fleet/figures.ts';
import type { DecodeResult } from '../fuzz/fuzz-decode.ts';
import type { HttpResult } from '../fuzz/fuzz-http.ts';
import type { LiveResult } from '../fuzz/fuzz-live.ts';
import type { HandOffResult } from '../kills/hand-off.ts';
import type { KillsRow } from '../kills/kills-row.ts';
import type { OldBotRow } from '../old-bot/run-fault.ts';
import type { SecondRun } from '../second/run-second.ts';
import type { FastServerResult } from '../soak/fast-server.ts';
import type { ManyResult } from '../soak/many.ts';
import type { UnreadResult } from '../soak/unread.ts';
import type { WeeksResult } from '../soak/weeks.ts';

/** A fault's row, with how long its process took to end by itself once everything was closed. */
export interface MeasuredFaultRow extends FaultRow {
  readonly exitAfterMs: number | undefined;
}

/** What git keeps of a fault's row: group and words are the scenario's own. */
export type FaultSummary = Pick<MeasuredFaultRow, 'id' | 'outcome' | 'afterMs' | 'lost' | 'twice' | 'unhandled'> & {
  /** What was left behind; not there when nothing was. */
  readonly remains?: string;
  /** Whole milliseconds. */
  readonly exitAfterMs?: number;
  /** What did not hold; not there when everything did. */
  readonly failures?: readonly string[];
};

export interface FuzzResult {
  readonly seed: number;
  readonly frames: number;
  readonly httpResponses: number;
  readonly decode: DecodeResult;
  readonly live: LiveResult;
  readonly http: HttpResult;
}

export interface SoakResult {
  readonly unread: UnreadResult;
  readonly fast: FastServerResult;
  readonly many: ManyResult;
  readonly weeks: WeeksResult;
}

/** What a fleet came to. */
export interface FleetResult {
  readonly chaos: FleetChaosResult;
  readonly defences: readonly DefenceResult[];
  readonly figures: Figures;
}

/** What killed bots and hand-offs came to. */
export interface KillsResult {
  readonly seed: number;
  readonly realSeconds: number;
  readonly rows: readonly KillsRow[];
  readonly handOffs: HandOffResult;
}

/** Runs on the second platform, each with a seed of its own. */
export interface SecondResult {
  readonly seed: number;
  readonly talks: number;
  readonly seconds: number;
  readonly realSeconds: number;
  readonly runs: readonly SecondRun[];
}

/** What is kept of them: how often each fault struck in all, and what each run came to. */
export interface SecondSummary extends Omit<SecondResult, 'runs'> {
  readonly strikes: Readonly<Record<string, number>>;
  readonly runs: readonly Omit<SecondRun, 'manners' | 'strikes' | 'failures'>[];
}

/** What the last run of each campaign found; undefined for one that has never run. */
export interface Results {
  readonly faults?: readonly FaultSummary[] | undefined;
  readonly exit?: readonly ExitRow[] | undefined;
  readonly fuzz?: FuzzResult | undefined;
  readonly chaos?: { readonly virtual: ChaosResult; readonly killed: KilledResult } | undefined;
  readonly kills?: KillsResult | undefined;
  readonly second?: SecondSummary | undefined;
  readonly soak?: SoakResult | undefined;
  readonly crowd?: CrowdResult | undefined;
  readonly fleet?: FleetResult | undefined;
  readonly 'old-bot'?: readonly OldBotRow[] | undefined;
}

/** What each campaign measures. */
export type Measured = {
  [N in keyof Results]-?: N extends 'faults'
    ? readonly MeasuredFaultRow[]
    : N extends 'second'
      ? SecondResult
      : NonNullable<Results[N]>;
};
