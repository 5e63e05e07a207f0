import { describe, expect, it } from '@jest/globals';
import { abortable, firstAbort, InnerAbort, nativeSignal, onAbort } from '@lp/core/internal';
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

  it('leaves no failure behind that nobody hears of, when it was aborted before', async () => {
    const failing = Promise.reject(new Error('own'));
    await expect(abortable(failing, AbortSignal.abort('enough'))).rejects.toBe('enough');
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('a signal of our own', () => {
  it('tells who listens once, with its first reason, and is one that anybody may listen to', async () => {
    const abort = new InnerAbort();
    const told: unknown[] = [];
    onAbort(abort, () => told.push('ours'));
    onAbort(abort, () => told.push('stopped'))();
    abort.addEventListener('abort', ({ type }) => told.push(type));
    expect(() => abort.throwIfAborted()).not.toThrow();
    const waiting = abortable(new Promise(() => undefined), abort);
    abort.abort('enough');
    abort.abort('again');
    await expect(waiting).rejects.toBe('enough');
    expect([told, abort.aborted, abort.reason]).toEqual([['ours', 'abort'], true, 'enough']);
    expect(() => abort.throwIfAborted()).toThrow('enough');
  });

  it('gives the reason that a controller gives when none is named', () => {
    const [own, controller] = [new InnerAbort(), new AbortController()];
    own.abort();
    controller.abort();
    expect(own.reason).toEqual(controller.signal.reason);
    expect((own.reason as Error).name).toBe('AbortError');
  });

  it('has one of the platform beside it, and leaves others as they are', () => {
    const abort = new InnerAbort();
    const before = nativeSignal(abort);
    abort.abort('enough');
    const after = nativeSignal(abort);
    for (const signal of [before, after]) {
      expect(AbortSignal.any([signal])).toMatchObject({ aborted: true, reason: 'enough' });
    }
    expect(nativeSignal(before)).toBe(before);
  });
});

describe('the first of several signals', () => {
  it('aborts with its reason, beforehand too, and those that are not given do not count', () => {
    const second = new AbortController();
    const { signal } = firstAbort(undefined, new AbortController().signal, second.signal);
    expect(signal.aborted).toBe(false);
    second.abort(0);
    expect(signal.reason).toBe(0);
    expect(firstAbort(undefined, AbortSignal.abort('before')).signal.reason).toBe('before');
  });

  it('is not listened to any more once that is stopped', () => {
    const { signal, count, abort } = watchedSignal();
    const { signal: first, stop } = firstAbort(signal);
    expect(count()).toBe(1);
    stop();
    expect(count()).toBe(0);
    abort();
    expect(first.aborted).toBe(false);
  });
});
