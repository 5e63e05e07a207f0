import { type FaultScenario, wasNeverLost } from './scenario.ts';

const closes: readonly (readonly [number, string])[] = [
  [4401, 'the platform closes with 4401 (token expired)'],
  [4407, 'the platform closes with 4407 (identity to be extended)'],
  [1011, 'the platform closes with 1011 (server error)'],
  [1001, 'the platform closes with 1001 (going away)'],
  [1000, 'the platform closes with 1000'],
  [1008, 'the platform closes with 1008 (policy)'],
  [1012, 'the platform closes with 1012 (restart)'],
];

/** The connection breaks under way. */
export const connection: readonly FaultScenario[] = [
  ...closes.map(
    ([code, what]): FaultScenario => ({
      id: `close-${code}`,
      group: 'connection',
      what,
      strike: ({ simulator }) => simulator.faults.closeWith(code),
    }),
  ),
  {
    id: 'close-1006',
    group: 'connection',
    what: 'the connection is dropped without a close frame (1006)',
    strike: ({ simulator }) => simulator.faults.dropAll(),
  },
  {
    id: 'close-1003',
    group: 'connection',
    what: 'the platform closes with 1003 (does not accept what this client sends)',
    strike: ({ simulator }) => simulator.faults.closeWith(1003),
    error: 'NOT_CONNECTED',
  },
  {
    id: 'tcp-reset',
    group: 'connection',
    what: 'TCP reset',
    world: { proxy: true },
    strike: ({ proxy }) => proxy?.reset(),
  },
  {
    id: 'not-websocket',
    group: 'connection',
    what: 'bytes on the connection that are no WebSocket frames',
    world: { proxy: true },
    strike: ({ proxy }) => proxy?.writeRaw(Buffer.alloc(64, 0xff)),
  },
  {
    id: 'half-open',
    group: 'connection',
    what: 'half-open: the other end is gone, and nobody says so',
    world: { proxy: true },
    strike: ({ proxy }) => proxy?.stall(),
    check: ({ statuses }) => (statuses.has('disconnected') ? undefined : 'the silent link was not noticed'),
  },
  {
    id: 'standstill',
    group: 'connection',
    what: 'the platform stops reading the connection for 8 s, then goes on with what it was sent',
    strike: ({ simulator }) => simulator.faults.freeze(),
    lastsMs: 8_000,
    check: wasNeverLost,
  },
  {
    id: 'long-standstill',
    group: 'connection',
    what: 'the platform stops reading the connection for 2 minutes, then goes on with what it was sent, although another connection has long been in its place',
    strike: ({ simulator }) => simulator.faults.freeze(),
    lastsMs: 120_000,
    // Nobody can take back what was sent: it is in the history neither before nor when it is sent again.
    repeats: true,
  },
  {
    id: 'server-restart',
    group: 'connection',
    what: 'the whole platform is gone for 5 s',
    strike: ({ simulator }) => simulator.faults.down(),
    lastsMs: 5_000,
  },
  {
    id: 'server-gone',
    group: 'connection',
    what: 'the whole platform is gone for 5 minutes',
    strike: ({ simulator }) => simulator.faults.down(),
    lastsMs: 300_000,
  },
  {
    id: 'drop-storm',
    group: 'connection',
    what: 'every connection is dropped at once, for 10 s',
    strike: async ({ simulator, time }) => {
      for (let n = 0; n < 100; n++) {
        simulator.faults.dropAll();
        await time.run(100);
      }
    },
  },
  {
    id: 'slow-reads',
    group: 'connection',
    what: 'the platform reads slowly: a second between two frames',
    strike: ({ simulator }) => simulator.faults.slowReads(1_000),
    lastsMs: 30_000,
  },
  {
    id: 'slow-writes',
    group: 'connection',
    what: 'the platform writes slowly: everything comes 3 s late',
    strike: ({ simulator }) => simulator.faults.delay(3_000),
    lastsMs: 30_000,
  },
];
