import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { diagnosticsChannel } from '../src/diagnostics.browser.ts';
import { printLine } from '../src/stderr.browser.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('in a page', () => {
  it('a diagnostics channel has no subscribers, and publishing to it does nothing', () => {
    const channel = diagnosticsChannel('lp:transport:status');
    expect(channel.hasSubscribers).toBe(false);
    expect(() => channel.publish({ type: 'connected' })).not.toThrow();
    expect(diagnosticsChannel('lp:request:end')).toBe(channel);
  });

  it.each(['warn', 'error'] as const)('a line that is to be seen goes to the console as %s, as it is', (level) => {
    const written = jest.spyOn(console, level).mockImplementation(() => undefined);
    printLine(level, 'lp: the connection was lost');
    expect(written.mock.calls).toEqual([['lp: the connection was lost']]);
  });
});
