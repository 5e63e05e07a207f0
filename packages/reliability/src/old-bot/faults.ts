import type { OldBotWorld } from './world.ts';

/** A fault that strikes a bot written for the old SDK. */
export interface OldBotFault {
  readonly id: string;
  /** What is done, for people. */
  readonly what: string;
  readonly strike: (world: OldBotWorld) => void | Promise<void>;
  /** How long it goes on, in milliseconds. By default it is over by itself. */
  readonly lastsMs?: number;
  /** Messages that are lost or answered twice whatever the package does: they are the program's own. */
  readonly own?: 'lost' | 'twice';
}

const drop = ({ simulator }: OldBotWorld): void => simulator.faults.dropAll();

/** The token is no longer good, and the connection is gone: only a login helps. */
const revoke = ({ simulator }: OldBotWorld): void => simulator.faults.expireToken({ sockets: 'drop' });

const isLogin = (path: string): boolean => path.includes('/login');

export const oldBotFaults: readonly OldBotFault[] = [
  ...[4401, 1011, 1000].map(
    (code): OldBotFault => ({
      id: `close-${code}`,
      what: `the platform closes with ${code}`,
      strike: ({ simulator }) => simulator.faults.closeWith(code),
    }),
  ),
  { id: 'tcp-reset', what: 'TCP reset', strike: ({ proxy }) => proxy.reset() },
  { id: 'revoked', what: 'the token is revoked, and the connection dropped', strike: revoke },
  {
    id: 'socket-down',
    what: 'the socket’s host is down for 5 s',
    lastsMs: 5_000,
    strike: (world) => {
      world.proxy.upgradable = false;
      drop(world);
    },
  },
  {
    id: 'upgrade-503',
    what: 'the upgrade responds with 503 for 10 s',
    lastsMs: 10_000,
    strike: (world) => {
      world.simulator.faults.failUpgrade(503);
      drop(world);
    },
  },
  {
    id: 'login-down',
    what: 'the login host is down for 5 s',
    lastsMs: 5_000,
    strike: (world) => {
      world.respond = (path) => (isLogin(path) ? 'cut' : undefined);
      revoke(world);
    },
  },
  {
    id: 'all-down',
    what: 'everything is down for 5 s',
    lastsMs: 5_000,
    strike: (world) => {
      world.respond = () => 'cut';
      world.proxy.upgradable = false;
      drop(world);
    },
  },
  {
    id: 'login-429',
    what: 'the login responds with 429 for 10 s',
    lastsMs: 10_000,
    strike: (world) => {
      world.simulator.faults.failLogin(429);
      revoke(world);
    },
  },
  {
    id: 'login-hangs',
    what: 'the login never responds, for 5 s',
    lastsMs: 5_000,
    strike: (world) => {
      world.respond = (path) => (isLogin(path) ? 'never' : undefined);
      revoke(world);
    },
  },
  {
    id: 'upgrade-hangs',
    what: 'the upgrade never responds, for 5 s',
    lastsMs: 5_000,
    strike: (world) => {
      world.proxy.upgradable = 'never';
      drop(world);
    },
  },
  {
    id: 'half-open',
    what: 'half-open: the other end is gone, and nobody says so',
    strike: ({ proxy }) => proxy.stall(),
  },
  {
    id: 'publish-unanswered',
    what: 'two publishes are carried out without a response',
    strike: ({ simulator }) => simulator.faults.dropAnswers('PublishEvent', { times: 2 }),
  },
  {
    id: 'publish-500',
    what: 'two publishes get 500',
    own: 'lost',
    strike: ({ simulator }) => simulator.faults.failRequests('PublishEvent', 500, { times: 2 }),
  },
  {
    id: 'twice',
    what: 'every notification comes twice',
    lastsMs: 1_000,
    strike: ({ simulator }) => simulator.faults.duplicate(),
  },
  {
    id: 'third-dropped',
    what: 'every third notification is dropped',
    lastsMs: 1_000,
    strike: ({ proxy }) => {
      let count = 0;
      proxy.toAgent = (text) => (text.includes('"notification"') && ++count % 3 === 0 ? [] : [text]);
    },
  },
  {
    id: 'pending',
    what: 'the connection closes while requests are pending',
    strike: async (world) => {
      world.simulator.faults.dropAnswers('PublishEvent');
      world.sayAll();
      await world.until(() => world.lost === 0, 5_000);
      drop(world);
      world.simulator.faults.clear();
    },
  },
  {
    id: 'killed',
    what: 'the process is killed and started again',
    own: 'twice',
    strike: (world) => world.restart(),
  },
];
