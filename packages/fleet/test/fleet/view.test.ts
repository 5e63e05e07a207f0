import { describe, expect, it } from '@jest/globals';
import type { FleetRecord, LoginRecord } from '@lp/fleet';
import { formatView } from '../../src/cli/format.ts';
import { respondToProbe } from '../../src/fleet/health.ts';
import { viewOf } from '../../src/fleet/view.ts';

const row = (login: string, rest: Partial<LoginRecord>): LoginRecord => ({
  login,
  owner: undefined,
  epoch: 1,
  since: 1_000,
  clean: true,
  aside: undefined,
  move: false,
  avoid: undefined,
  ...rest,
});

const record: FleetRecord = {
  workers: [
    {
      incarnation: 'i1',
      name: 'web-1',
      beat: 7,
      ttlMs: 3_000,
      draining: false,
      loads: { a: { open: 12, unhandled: 2, oldestUnhandledMs: 4_400 } },
    },
    {
      incarnation: 'i2',
      name: 'web-2',
      beat: 1,
      ttlMs: 3_000,
      draining: true,
      loads: { a: { open: 99, unhandled: 9, oldestUnhandledMs: 9 } },
    },
  ],
  logins: [
    row('a', { owner: 'i1', epoch: 3 }),
    row('b', { owner: 'i1' }),
    row('c', {}),
    row('d', { aside: 'CREDENTIALS_INVALID' }),
    row('e', { owner: 'gone' }),
  ],
};

describe('the view of a fleet', () => {
  it('names who holds what, with the load that the owner tells, workers by their names', () => {
    const { logins, workers } = viewOf({ ...record, workers: record.workers.toReversed() }, (incarnation) =>
      incarnation === 'i1' ? 120.4 : 0,
    );
    expect(workers).toEqual([
      { name: 'web-1', incarnation: 'i1', draining: false, beatAgeMs: 120 },
      { name: 'web-2', incarnation: 'i2', draining: true, beatAgeMs: 0 },
    ]);
    expect(logins[0]).toEqual({
      login: 'a',
      owner: 'web-1',
      epoch: 3,
      since: new Date(1_000),
      aside: undefined,
      open: 12,
      unhandled: 2,
      oldestUnhandledMs: 4_400,
    });
    expect(logins.map(({ owner }) => owner)).toEqual(['web-1', 'web-1', undefined, undefined, undefined]);
    expect(logins[1]).toMatchObject({ open: 0, unhandled: 0, oldestUnhandledMs: 0 });
  });

  it('is a table for people', () => {
    const lines = formatView(
      viewOf(record, () => 0),
      1_000 + 61_000,
    ).split('\n');
    expect(lines).toEqual([
      'worker  logins',
      'web-1   2',
      'web-2   0       draining',
      '',
      'login  held by                          epoch  for   open  unhandled',
      'a      web-1                            3      61 s  12    2 (4 s)',
      'b      web-1                            1      61 s  0     0',
      'c      nobody                           1      61 s  0     0',
      'd      set aside (CREDENTIALS_INVALID)  1      61 s  0     0',
      'e      nobody                           1      61 s  0     0',
      '',
    ]);
  });

  it('shows long times in minutes and hours, and none that lies ahead', () => {
    const shown = (ms: number) =>
      formatView(
        viewOf({ workers: [], logins: [row('a', { since: 0 })] }, () => 0),
        ms,
      ).split('\n')[3];
    expect(shown(300_000)).toContain('5 min');
    expect(shown(3 * 3_600_000)).toContain('3 h');
    expect(shown(-5_000)).toContain('0 s');
  });
});

describe('the probe', () => {
  it.each([
    ['member', 'may', 200],
    ['draining', 'may', 200],
    ['member', 'may not', 503],
    ['draining', 'may not', 503],
    ['joining', 'may not', 503],
    ['suspended', 'may not', 503],
    ['dead', 'may not', 503],
    ['left', 'may not', 503],
  ])('says of a worker that is %s and %s write: %i', (state, right, status) => {
    const answer = { status: 0, headers: {} as Record<string, string>, body: '' };
    const response = {
      writeHead: (code: number, headers: Record<string, string>) => Object.assign(answer, { status: code, headers }),
      end: (body: string) => Object.assign(answer, { body }),
    };
    const seats = new Map([
      ['a', { state: 'serving' }],
      ['b', { state: 'serving' }],
      ['c', { state: 'connecting' }],
    ]);
    respondToProbe({ state, seats, lease: { isValid: right === 'may' } } as never)({} as never, response as never);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      status,
      { state, logins: { serving: 2, connecting: 1 } },
    ]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });
});
