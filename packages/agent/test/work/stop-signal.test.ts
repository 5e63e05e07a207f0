import { describe, expect, it } from '@jest/globals';
import { ConfigError, stopSignal } from '@lp/agent';

describe('stopSignal', () => {
  // verifies: first:stop
  it('is aborted when the process is asked to end, and listens no more', () => {
    const signal = stopSignal(['SIGUSR2']);
    expect(signal.aborted).toBe(false);
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(signal.reason).toMatchObject({ message: 'asked to stop by SIGUSR2' });
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });

  it('stops listening when it is disposed', () => {
    const signal = stopSignal(['SIGUSR2', 'SIGTERM']);
    const before = process.listenerCount('SIGTERM');
    signal[Symbol.dispose]();
    expect([process.listenerCount('SIGUSR2'), process.listenerCount('SIGTERM')]).toEqual([0, before - 1]);
    expect(signal.aborted).toBe(false);
  });

  it('has one listener in the process, however many programs wait for the same signal', () => {
    const signals = Array.from({ length: 20 }, () => stopSignal(['SIGUSR2']));
    expect(process.listenerCount('SIGUSR2')).toBe(1);
    signals[0]?.[Symbol.dispose]();
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, ...Array.from({ length: 19 }, () => true)]);
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });

  it.each([[null], [[]], ['SIGTERM'], [[5]], [['TERM']], [{}]])('refuses names that are no signals: %j', (names) => {
    expect(() => stopSignal(names as never)).toThrow(ConfigError);
  });
});
