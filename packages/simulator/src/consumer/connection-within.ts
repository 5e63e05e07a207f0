import { Duplex } from 'node:stream';

/**
 * One end of a connection that stays in this process. Bytes arrive in a later turn of the event loop, as from a network:
 * thousands of consumers who only wrote to each other in the same turn would keep everybody else from being heard.
 */
class End extends Duplex {
  far: End | undefined;
  /** Takes up writing again once the far end has room. */
  #resume: (() => void) | undefined;

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    setImmediate(() => this.far?.receive(chunk, done));
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    const whole = Buffer.concat(chunks.map(({ chunk }) => chunk));
    setImmediate(() => this.far?.receive(whole, done));
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      this.far?.push(null);
      done();
    });
  }

  receive(chunk: Buffer, done: () => void): void {
    if (this.destroyed || this.push(chunk)) done();
    else this.#resume = done;
  }
}

/** The two ends of a connection. As with a real one, who destroys an end cuts the other off. */
export function connectionWithin(): [Duplex, Duplex] {
  const [one, other] = [new End(), new End()];
  one.far = other;
  other.far = one;
  for (const end of [one, other]) {
    end.on('close', () => end.far?.destroy());
    // Whoever uses it is told by its close; without a listener the process would end.
    end.on('error', () => undefined);
  }
  return [one, other];
}
