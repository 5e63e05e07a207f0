// Sends of late: those that a search may still come upon.
const MOST_CLAIMS = 5_000;
const FIRST_CLAIMS = 64;
/** Of each its dialog, its number and its id. */
const WIDTH = 3;

/**
 * Which send an event is of: one event confirms one send. Each send is kept, and only a search after a failure asks, so they
 * stand in a ring of numbers, texts by a hash: writing makes nothing and keeps no text alive, and reading goes through all.
 * Two texts of one hash matter only where two dialogs have an equal event of one number.
 */
export class Claims {
  #numbers = new Int32Array(FIRST_CLAIMS * WIDTH);
  #next = 0;

  /** The event of this number is what was sent with this id. */
  add(dialogId: string, sequence: number, id: string): void {
    const at = this.#next * WIDTH;
    if (at === this.#numbers.length) this.#grow();
    this.#numbers[at] = hashOf(dialogId);
    this.#numbers[at + 1] = sequence;
    this.#numbers[at + 2] = hashOf(id);
    this.#next = (this.#next + 1) % MOST_CLAIMS;
  }

  /** Whether no other send has this event, as far as is remembered. */
  isFree(dialogId: string, sequence: number, id: string): boolean {
    const [dialog, send] = [hashOf(dialogId), hashOf(id)];
    const numbers = this.#numbers;
    for (let at = 0; at < numbers.length; at += WIDTH) {
      if (numbers[at + 1] === sequence && numbers[at] === dialog && numbers[at + 2] !== send) return false;
    }
    return true;
  }

  #grow(): void {
    const before = this.#numbers;
    this.#numbers = new Int32Array(Math.min(2 * before.length, MOST_CLAIMS * WIDTH));
    this.#numbers.set(before);
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  }
  return hash | 0;
}
