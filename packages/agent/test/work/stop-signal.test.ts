import { describe, expect, it } from '@jest/globals';
import { stopSignal } from '@lp/agent';

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
});
