/** So many pages of a length have to be the last before that length is believed to be no bound. */
const BELIEVED_AFTER = 3;
const MOST_LENGTHS = 256;

/**
 * Tells the last page of a history by its length. The platform does not publish how many events it puts into one response
 * at most, and may put in less than was asked for; so a shorter page is no end by itself. What is learnt here: one that is
 * shorter than another page was is not cut, and neither is one of a length at which histories have ended again and again.
 * A length at which one has gone on is never believed any more, nor is a greater one; and none is where histories go on at
 * several lengths, for then something else than their number bounds the events of a page.
 */
export class PageEnds {
  #longest = 0;
  #shortestCut = Number.POSITIVE_INFINITY;
  #longestCut = 0;
  readonly #ended = new Map<number, number>();

  /** A page of so many events that were asked for was followed by another one (`true`), or by nothing. */
  learn(length: number, asked: number, followed: boolean): void {
    this.#longest = Math.max(this.#longest, length);
    if (!followed) {
      if (this.#ended.size < MOST_LENGTHS) this.#ended.set(length, (this.#ended.get(length) ?? 0) + 1);
    } else if (length < asked) {
      this.#shortestCut = Math.min(this.#shortestCut, length);
      this.#longestCut = Math.max(this.#longestCut, length);
    }
  }

  /** Whether nothing follows a page of this length, of so many events that were asked for. */
  isLast(length: number, asked: number): boolean {
    // Where the event that is asked from is given too, it takes a place on all pages but the first.
    const byNumber = this.#longestCut <= this.#shortestCut + 1;
    if (!byNumber || length >= Math.min(asked, this.#shortestCut)) return false;
    return length < this.#longest || (this.#ended.get(length) ?? 0) >= BELIEVED_AFTER;
  }
}
