import { type Duplex, duplexPair } from 'node:stream';

/** The two ends of a connection that stays in this process. As with a real one, who destroys an end cuts the other off. */
export function connectionWithin(): [Duplex, Duplex] {
  const [one, other] = duplexPair();
  for (const [end, far] of [
    [one, other],
    [other, one],
  ] as const) {
    end.on('close', () => far.destroy());
    // The one who listens to it is told by its close; without a listener the process would end.
    end.on('error', () => undefined);
  }
  return [one, other];
}
