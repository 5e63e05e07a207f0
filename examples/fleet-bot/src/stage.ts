import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fleet, FleetView } from '@lp/fleet';
import type { Crowd } from './crowd.ts';
import { draw } from './table.ts';

export interface StageOptions {
  /** Whether the picture moves; else it is drawn once for each act. */
  readonly isLive: boolean;
  /** Ends the play. */
  readonly signal: AbortSignal;
}

/** What an act waits for. */
export type Scene = (view: FleetView | undefined) => boolean;

// Nothing depends on how quick the machine is: whatever takes longer than this will not come.
const LONGEST_WAIT_MS = 300_000;
const LONGEST_SILENCE_MS = 60_000;

/** Shows what happens. */
export class Stage {
  readonly #fleet: Fleet;
  readonly #crowd: Crowd;
  readonly #options: StageOptions;

  constructor(fleet: Fleet, crowd: Crowd, options: StageOptions) {
    this.#fleet = fleet;
    this.#crowd = crowd;
    this.#options = options;
  }

  /** Shows it until it is as wanted, for a while at least. */
  async until(title: string, holds: Scene, leastMs = 0): Promise<void> {
    const { isLive, signal } = this.#options;
    const startedAt = Date.now();
    for (;;) {
      const view = await this.#look();
      if (isLive) this.#draw(title, view);
      const tookMs = Date.now() - startedAt;
      const isReached = holds(view);
      if (isReached && tookMs >= leastMs) {
        if (!isLive) this.#draw(title, view);
        return;
      }
      if (!isReached && tookMs > LONGEST_WAIT_MS) {
        this.#draw(title, view);
        throw new Error(`after ${LONGEST_WAIT_MS / 1_000} s it is still not so: ${title} (load ${load()})`);
      }
      await pause(isLive ? 250 : 100, undefined, { signal });
    }
  }

  /** Waits for answers as long as some come. */
  async untilAnswered(title: string): Promise<void> {
    let [answered, changedAt] = [-1, Date.now()];
    const isSilent = (): boolean => Date.now() - changedAt > LONGEST_SILENCE_MS;
    await this.until(title, () => {
      const tally = this.#crowd.tally();
      if (tally.answered !== answered) [answered, changedAt] = [tally.answered, Date.now()];
      return tally.waiting === 0 || isSilent();
    });
  }

  async #look(): Promise<FleetView | undefined> {
    return await this.#fleet.view().catch(() => undefined);
  }

  #draw(title: string, view: FleetView | undefined): void {
    if (this.#options.isLive) process.stdout.write('\u001b[2J\u001b[H');
    console.log(draw(title, view, this.#crowd.tally()));
  }
}

const load = (): string => (loadavg()[0] ?? 0).toFixed(1);
