import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { createFleet, type FleetLogin, type FleetOptions } from '@lp/fleet';
import { memoryEngine } from '../../src/engine/memory-engine.ts';
import { indexLogins } from '../../src/fleet/logins.ts';
import { resolveFleetOptions } from '../../src/fleet/options.ts';

const SECRET = 'canary-5f1c';
const login = (username: string): FleetLogin => ({ credentials: { username, password: SECRET } });
const good: FleetOptions = { accountId: 'le1', logins: [login('a')] };

/** The error with which options are refused. */
async function refusal(options: unknown): Promise<Error> {
  const fleet = createFleet({ engine: memoryEngine(), ...(options as FleetOptions) });
  return await fleet.then(
    async (made) => {
      await made.drain();
      return new Error('it was made');
    },
    (error: Error) => error,
  );
}

describe('createFleet refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['no account', { ...good, accountId: undefined }, /^createFleet\.accountId is missing/],
    ['no logins', { accountId: 'le1' }, /^createFleet\.logins must be a list of logins, or a function/],
    ['an empty list', { ...good, logins: [] }, /^createFleet\.logins gives no login at all/],
    ['a function that gives none', { ...good, logins: () => [] }, /gives no login at all/],
    ['a function that gives no list', { ...good, logins: () => 'a' }, /^createFleet\.logins must give a list/],
    [
      'two logins with one name',
      { ...good, logins: [login('a'), login('b'), login('a')] },
      /the login a is there twice/,
    ],
    [
      'two logins with one key',
      { ...good, logins: [login('a'), { ...login('b'), login: 'a' }] },
      /the login a is there twice/,
    ],
    ['a login without credentials', { ...good, logins: [login('a'), {}] }, /entry 2 has no usable credentials/],
    ['a login that is nothing', { ...good, logins: [undefined] }, /entry 1 has no usable credentials/],
    [
      'a password without a user',
      { ...good, logins: [{ credentials: { password: SECRET } }] },
      /entry 1 has no usable credentials/,
    ],
    [
      'a login without a name',
      { ...good, logins: [{ credentials: { token: SECRET, userId: '1' } }] },
      /entry 1 has no name: give it the field login/,
    ],
    ['a name that the engine cannot keep', { ...good, logins: [{ ...login('a'), login: 'a\u0000b' }] }, /has no name/],
    ['a TTL shorter than a network allows', { ...good, ttlMs: 1_000 }, /^createFleet\.ttlMs must be at least 1500/],
    ['a TTL that outlasts everything', { ...good, ttlMs: 3_600_001 }, /^createFleet\.ttlMs must be at most an hour/],
    ['a TTL that is no number', { ...good, ttlMs: '3 s' }, /^createFleet\.ttlMs must be a number of milliseconds/],
    [
      'beats that are too rare',
      { ...good, ttlMs: 3_000, beatMs: 1_500 },
      /^createFleet\.beatMs must be at most a third/,
    ],
    ['beats without a pause', { ...good, beatMs: 1 }, /^createFleet\.beatMs must be at least 50/],
    ['a margin in words', { ...good, margin: '0.1' }, /^createFleet\.margin must be from 0\.05/],
    ['a logger that is none', { ...good, logger: 'warn' }, /^createFleet\.logger must be an object with the methods/],
    ['a clock that is none', { ...good, clock: {} }, /^createFleet\.clock must be an object with the methods now/],
    ['a margin that is not one', { ...good, margin: 0 }, /^createFleet\.margin must be from 0\.05 to 0\.5/],
    ['a margin that leaves nothing', { ...good, margin: 0.9 }, /^createFleet\.margin/],
    ['half a login', { ...good, maxLoginsPerWorker: 1.5 }, /^createFleet\.maxLoginsPerWorker must be a whole number/],
    ['no logins a second', { ...good, limits: { loginsPerSecond: 0 } }, /^createFleet\.limits\.loginsPerSecond/],
    ['an unknown limit', { ...good, limits: { loginPerSecond: 1 } }, /did you mean loginsPerSecond/],
    [
      'an option of another name',
      { ...good, ttlMS: 3_000 },
      /^createFleet\.ttlMS is not an option; did you mean ttlMs/,
    ],
    ['an option of connectAgent by another name', { ...good, csdsDomian: 'x' }, /did you mean csdsDomain/],
    ['a wrong option of connectAgent', { ...good, requestTimeoutMs: -1 }, /^createFleet: requestTimeoutMs must be/],
    [
      'credentials that are nobody’s',
      { ...good, credentials: { username: 'a', password: SECRET } },
      /^createFleet\.credentials is not an option/,
    ],
    ['an option that the fleet sets itself', { ...good, gate: {} }, /^createFleet\.gate is set by the fleet itself/],
    [
      'a wrong availability',
      { ...good, availability: 'online' },
      /^createFleet\.availability must be ONLINE, AWAY, OCCUPIED or false/,
    ],
    ['a wrong look-up', { ...good, lookUp: 'never' }, /^createFleet\.lookUp must be one of: takeover, always/],
    ['another way without an engine', { ...good, whenEngineIsGone: 'go on' }, /whenEngineIsGone must be one of: wait/],
    [
      'an unknown option of one login',
      { ...good, logins: [{ ...login('a'), proxi: 'http://x' }] },
      /the login a\.proxi|the login a.*proxy/,
    ],
    [
      'a wrong option of one login',
      { ...good, logins: [{ ...login('a'), requestTimeoutMs: 0 }] },
      /the login a: requestTimeoutMs/,
    ],
    ['an engine that is not one', { ...good, engine: 'postgresql://x' }, /^createFleet\.engine must be an engine/],
    [
      'an engine that can do too little',
      { ...good, engine: { ...memoryEngine(), open: async () => undefined } },
      /^createFleet\.engine must be an engine, as postgresEngine/,
    ],
    ['a name that no engine can keep', { ...good, name: 'web\u0000' }, /^createFleet\.name must be a text without NUL/],
    [
      'a login whose name would come back changed',
      { ...good, logins: [{ ...login('a'), login: 'a\ud800' }] },
      /has no name: give it the field login/,
    ],
    [
      'one user under two keys',
      {
        ...good,
        logins: [
          { ...login('a'), login: 'one' },
          { ...login('a'), login: 'two' },
        ],
      },
      /the login two has the user of the login one: the platform allows one session/,
    ],
    [
      'a folder that is a file',
      { ...good, engine: undefined, folder: '/dev/null' },
      /^createFleet\.folder cannot be used to keep files \(EEXIST\)/,
    ],
  ])('%s, in one sentence that shows no password', async (_what, options, message) => {
    const error = await refusal(options);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(SECRET);
    expect(error.message).not.toContain('\n');
  });

  it('a list that cannot be read, with the reader’s own error', async () => {
    const error = await refusal({ ...good, logins: () => Promise.reject(new Error('the vault is shut')) });
    expect(error.message).toBe('the vault is shut');
  });

  it('an engine that cannot be used, and does not go on to the platform', async () => {
    const engine = memoryEngine();
    engine.open = () => Promise.reject(new ConfigError('the engine is of another account'));
    expect((await refusal({ ...good, engine })).message).toBe('the engine is of another account');
  });
});

describe('the options of a fleet', () => {
  it('have their defaults', () => {
    expect(resolveFleetOptions(good)).toMatchObject({
      ttlMs: 15_000,
      beatMs: 3_750,
      margin: 0.1,
      loginsPerSecond: 10,
      drainTimeoutMs: 30_000,
      maxFailedDials: 5,
      lookUp: 'takeover',
      availability: 'ONLINE',
      folder: 'lp-fleet',
      agent: {},
    });
    expect(resolveFleetOptions(good).name).toMatch(/-\d+$/);
    expect(resolveFleetOptions({ ...good, ttlMs: 3_000 }).beatMs).toBe(750);
  });

  it('pass on to each agent what is for agents, and nothing else', () => {
    const { agent } = resolveFleetOptions({
      ...good,
      name: 'w',
      csdsDomain: 'example.com',
      requestTimeoutMs: 5,
      logger: false,
    });
    expect(agent).toEqual({ csdsDomain: 'example.com', requestTimeoutMs: 5 });
  });

  it('know a login by its username, or by the key it is given', () => {
    const logins = indexLogins([login('a'), { ...login('b'), login: 'key' }]);
    expect([...logins.keys()]).toEqual(['a', 'key']);
  });
});
