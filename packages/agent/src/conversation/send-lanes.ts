/**
 * Keeps the sends of each dialog in the order of the calls. A confirmed send may have to be looked up and sent again, so
 * those behind it wait until it is settled; others are written at once.
 */
export class SendLanes {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs a send whose successors wait for it. */
  confirmed<T>(dialogId: string, send: () => Promise<T>): Promise<T> {
    const before = this.#last.get(dialogId);
    const sent = before ? before.then(send) : send();
    const settled: Promise<void> = sent.then(
      () => this.#done(dialogId, settled),
      () => this.#done(dialogId, settled),
    );
    this.#last.set(dialogId, settled);
    return sent;
  }

  /** Runs a send that waits for the confirmed ones before it, and holds nobody up. */
  plain<T>(dialogId: string, send: () => Promise<T>): Promise<T> {
    const before = this.#last.get(dialogId);
    return before ? before.then(send) : send();
  }

  #done(dialogId: string, settled: Promise<unknown>): void {
    if (this.#last.get(dialogId) === settled) this.#last.delete(dialogId);
  }
}
