import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { createFleet, createSharedMemory, type FleetLogin, type FleetOptions, memoryEngine } from '@lp/fleet';
import { type Simulator, startSimulator } from '@lp/simulator';
import { createLog } from '../support.ts';
import { type Running, shares, startPlatform, startWorker, until } from './support.ts';

let simulator: Simulator;
let options: FleetOptions;
let running: Running[];

beforeEach(async () => {
  ({ simulator, options } = await startPlatform(1));
  options = { ...options, engine: memoryEngine(), reconnect: { loginSpacingMs: 0 } };
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map(({ fleet }) => fleet.drain()));
  await simulator.close();
});

const USER = 'bot-0@example.com';

describe('a login that cannot be served', () => {
  it.each([
    ['SetAgentState', 403],
    ['SubscribeExConversations', 403],
    ['SubscribeRoutingTasks', 403],
  ])('since %s is refused with %i is in the log at each try, with code and reason', async (type, code) => {
    const { lines, logger } = createLog();
    simulator.faults.failRequests(type, code);
    running.push(await startWorker('w', memoryEngine(), { ...options, logger }));
    const told = () => lines.filter(({ message }) => message === 'a login could not be served');
    await until('three tries are told', () => told().length >= 3);
    for (const { fields, level } of told()) {
      expect([level, fields]).toEqual([
        'warn',
        {
          login: USER,
          code: 'REQUEST_REJECTED',
          error: 'RequestRejectedError',
          reason: expect.stringContaining(`${type} with ${code}`),
        },
      ]);
    }
  });

  it('by a worker since the platform refuses its subscriptions goes to another worker', async () => {
    const shared = createSharedMemory();
    const [{ credentials }] = options.logins as readonly [FleetLogin & { credentials: { password: string } }];
    const agents = [{ username: USER, password: credentials.password }];
    const other = await startSimulator({ agents, accountId: simulator.accountId });
    simulator.faults.failRequests('SubscribeExConversations', 403);
    const here = { ...options, maxFailedDials: 2 };
    running.push(await startWorker('a', memoryEngine(shared), here));
    const b = await startWorker('b', memoryEngine(shared), { ...here, csdsDomain: other.csdsDomain });
    running.push(b);
    await until('the other serves it', async () => (await shares(b.fleet))['b'] === 1);
    const chat = await other.consumer().startConversation({ message: 'hi' });
    expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: hi');
    await b.fleet.drain();
    await other.close();
  });

  it('since what listens to its agent does not return is in the log after a TTL', async () => {
    const { lines, logger } = createLog();
    const clock = createManualClock();
    const fleet = await createFleet({ ...options, clock, logger });
    let listening = 0;
    fleet.onAgent(() => {
      listening++;
      return new Promise(() => undefined);
    });
    const served = fleet.serve(async () => undefined);
    running.push({ fleet, served });
    const told = () => lines.filter(({ level }) => level === 'warn');
    await until('it has connected', async () => {
      await clock.advance(10);
      return listening === 1;
    });
    await clock.advance(1_000);
    expect(told()).toEqual([]);
    await clock.advance(500);
    expect(told()).toEqual([
      {
        level: 'warn',
        message: 'code of the application takes long: the login is served when it returns',
        fields: { where: 'fleet.onAgent', login: USER },
      },
    ]);
  });
});

describe('a list of logins that cannot be used', () => {
  it('is in the log with the login and the option that are wrong', async () => {
    const { lines, logger } = createLog();
    const clock = createManualClock();
    const [login] = options.logins as readonly [FleetLogin];
    let list: FleetLogin[] = [login];
    const fleet = await createFleet({ ...options, clock, logger, logins: () => list });
    list = [{ ...login, requestTimeoutMs: 0 }];
    await clock.advance(60_000);
    await until('it is told', () => lines.some(({ level }) => level === 'warn'));
    expect(lines.find(({ level }) => level === 'warn')).toEqual({
      level: 'warn',
      message: 'the logins could not be read: those known before stay',
      fields: { error: 'ConfigError', reason: expect.stringMatching(`the login ${USER}: requestTimeoutMs`) },
    });
    await fleet.drain();
  });
});
