// Sends of late: those that a search may still come upon.
const MOST_CLAIMS = 5_000;

/**
 * Which send an event is of: one event confirms one send. Each send is kept, and only a search after a failure asks, so they
 * stand in a ring: writing makes nothing, and reading goes through all.
 */
export class Claims {
  readonly #dialogIds: string[] = [];
  readonly #sequences: number[] = [];
  readonly #ids: string[] = [];
  #next = 0;

  /** The event of this number is what was sent with this id. */
  add(dialogId: string, sequence: number, id: string): void {
    this.#dialogIds[this.#next] = dialogId;
    this.#sequences[this.#next] = sequence;
    this.#ids[this.#next] = id;
    this.#next = (this.#next + 1) % MOST_CLAIMS;
  }

  /** Whether no other send has this event, as far as is remembered. */
  isFree(dialogId: string, sequence: number, id: string): boolean {
    return !this.#sequences.some(
      (known, i) => known === sequence && this.#dialogIds[i] === dialogId && this.#ids[i] !== id,
    );
  }
}
