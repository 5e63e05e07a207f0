import { describe, expect, it } from '@jest/globals';
import { abortable, onAbort } from '@lp/core/internal';
import { watchedSignal } from './support/watched-signal.ts';

describe('listening to a signal', () => {
  it('adds one listener, however many there are, and takes it away with the last', () => {
    const { signal, abort, count } = watchedSignal();
    const stops = Array.from({ length: 50 }, () => onAbort(signal, () => undefined));
    expect(count()).toBe(1);
    for (const stop of stops) stop();
    expect(count()).toBe(0);
    abort();
  });

  it('calls each listener once, those that were stopped meanwhile excepted', () => {
    const { signal, abort, count } = watchedSignal();
    const called: string[] = [];
    onAbort(signal, () => {
      called.push('first');
      stopThird();
    });
    const twice = () => called.push('twice');
    onAbort(signal, twice);
    onAbort(signal, twice);
    const stopThird = onAbort(signal, () => called.push('third'));
    abort();
    abort();
    expect(called).toEqual(['first', 'twice', 'twice']);
    expect(count()).toBe(0);
    stopThird();
  });

  it('ends a wait with the reason, and at once when it is aborted already', async () => {
    const controller = new AbortController();
    const waiting = abortable(new Promise(() => undefined), controller.signal);
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    await expect(abortable(Promise.resolve(1), controller.signal)).rejects.toBe('enough');
    await expect(abortable(Promise.resolve(1), undefined)).resolves.toBe(1);
  });
});
