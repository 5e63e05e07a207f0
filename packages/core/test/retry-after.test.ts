import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { NotConnectedError } from '@lp/core';
import { isLoopback, isWithin, parseRetryAfter, retryAfterOf, summarizeIssues, timeLeft } from '@lp/core/internal';

const NOW = Date.UTC(2030, 0, 1, 12, 0, 0);
const at = (ms: number) => new Date(ms).toUTCString();

describe('Retry-After', () => {
  for (const [header, ms] of [
    ['0', 0],
    ['7', 7_000],
    ['1.5', 1_500],
    [' 3 ', 3_000],
    ['3600', 3_600_000],
    ['3601', 3_600_000],
    ['99999999999999999999999999', 3_600_000],
    [at(NOW + 20_000), 20_000],
    [at(NOW - 20_000), 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ] as const) {
    it(`of ${JSON.stringify(header)} is ${ms} ms`, () => {
      expect(parseRetryAfter(header, NOW)).toBe(ms);
    });
  }

  for (const junk of [
    undefined,
    '',
    '  ',
    '-5',
    'soon',
    '5 minutes',
    '1e3',
    'Infinity',
    'NaN',
    '2030-01-01',
    'Mon',
    [],
  ]) {
    it(`of ${JSON.stringify(junk)} is set aside`, () => {
      expect(parseRetryAfter(junk, NOW)).toBeUndefined();
    });
  }

  it('as a date is measured against the Date of the same response, whatever this machine thinks', () => {
    const theirs = NOW + 86_400_000;
    expect(parseRetryAfter(at(theirs + 30_000), NOW, at(theirs))).toBe(30_000);
    expect(parseRetryAfter(at(NOW + 30_000), NOW + 86_400_000, at(NOW))).toBe(30_000);
    expect(parseRetryAfter(at(NOW + 30_000), NOW, 'junk')).toBe(30_000);
  });

  it('as a date without a zone, the oldest form of HTTP, is GMT wherever the machine stands', () => {
    const program = `import { parseRetryAfter } from '@lp/core/internal';
      process.stdout.write(String(parseRetryAfter('Tue Jan  1 12:02:00 2030', ${NOW})));`;
    const run = (TZ: string) =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: import.meta.dirname,
        env: { ...process.env, TZ },
        encoding: 'utf8',
      });
    expect(['America/New_York', 'Asia/Tokyo'].map(run)).toEqual(['120000', '120000']);
  });

  it('takes the first of several', () => {
    expect(parseRetryAfter(['2', '9'], NOW)).toBe(2_000);
  });
});

describe('what an error asks to wait', () => {
  it.each<[string | number | undefined, number]>([
    [7_000, 7_000],
    [3_600_001, 3_600_000],
    [Number.MAX_VALUE, 3_600_000],
    [Number.POSITIVE_INFINITY, 3_600_000],
    [0, 0],
    [-5, 0],
    [Number.NaN, 0],
    ['7000', 0],
    [undefined, 0],
  ])('is an hour at most, and junk is set aside: %p is %d ms', (retryAfterMs, ms) => {
    expect(retryAfterOf(new NotConnectedError('busy', { context: { retryAfterMs } }))).toBe(ms);
  });

  it('is nothing when it is not an error of these packages', () => {
    for (const error of [undefined, null, 'x', new Error('x'), { context: { retryAfterMs: 5 } }]) {
      expect(retryAfterOf(error)).toBe(0);
    }
  });
});

describe('the time since', () => {
  it('is known only while the clock has not been set back', () => {
    expect(isWithin(NOW, 5_000, NOW)).toBe(true);
    expect(isWithin(NOW, 5_000, NOW + 4_999)).toBe(true);
    expect(isWithin(NOW, 5_000, NOW + 5_000)).toBe(false);
    expect(isWithin(NOW, 5_000, NOW - 1)).toBe(false);
    expect(isWithin(Number.NEGATIVE_INFINITY, 5_000, NOW)).toBe(false);
  });
});

describe('the time left', () => {
  it('is never more than the whole, whatever the time of day does', () => {
    expect(timeLeft(undefined, 5_000, NOW)).toBe(0);
    expect(timeLeft(NOW, 5_000, NOW + 2_000)).toBe(3_000);
    expect(timeLeft(NOW, 5_000, NOW + 9_000)).toBe(0);
    expect(timeLeft(NOW, 5_000, NOW - 3_600_000)).toBe(5_000);
  });
});

describe('hosts of this machine', () => {
  it('are told from those that only look like it', () => {
    for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1', '127.9.9.9:1', '[::1]', '[::1]:443']) {
      expect([host, isLoopback(host)]).toEqual([host, true]);
    }
    for (const host of ['localhost.example.com', '127.0.0.1.example.com', '128.0.0.1', '127.0.0.256', '[::2]', '']) {
      expect([host, isLoopback(host)]).toEqual([host, false]);
    }
  });
});

describe('issues in words', () => {
  it('name paths and types, and no value', () => {
    const issues = [
      { code: 'invalid_type', path: ['config', 'userId'], expected: 'string' },
      { code: 'custom', path: [] },
    ];
    expect(summarizeIssues({ issues })).toBe('config.userId: expected string; the response: not as expected');
  });
});
