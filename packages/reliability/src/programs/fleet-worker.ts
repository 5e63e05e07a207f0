// A worker of a fleet that may be killed, frozen or cut off at any moment. Its setting comes as JSON in LP_FLEET, orders as
// lines of JSON on standard input; it prints a line of JSON for each event of the fleet.
import { createInterface } from 'node:readline';
import { stopSignal } from '@lp/agent';
import { createFleet, memoryEngine } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { breakDefence, hideOwnEvents } from '../fleet/break-defence.ts';
import type { WorkerOrder, WorkerSetting } from '../fleet/setting.ts';
import { createClockTricks } from './clock-tricks.ts';
import { createWriteTrap } from './write-trap.ts';

const setting = JSON.parse(process.env['LP_FLEET'] ?? '{}') as WorkerSetting;
const { accountId, broken, csdsDomain, loginsPerSecond = 1_000, marks = true, name, socketHost, ttlMs } = setting;
const print = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

function block(ms: number): void {
  const end = process.hrtime.bigint() + BigInt(Math.round(ms * 1e6));
  while (process.hrtime.bigint() < end);
}

const clocks = createClockTricks();
const trap = createWriteTrap();
const orders = createInterface({ input: process.stdin });
// Nobody is there any more to stop it.
orders.on('close', () => process.exit(1));
orders.on('line', (line) => {
  const order = JSON.parse(line) as WorkerOrder;
  if ('wallMs' in order) clocks.shiftWall(order.wallMs);
  else if ('pauseless' in order) clocks.ignorePauses(order.pauseless);
  else if ('blockMs' in order) block(order.blockMs);
  else trap.arm();
});
// Waiting for orders is no reason to live on.
(process.stdin as unknown as { unref?: () => void }).unref?.();

const engine = setting.engine === 'memory' ? memoryEngine() : postgresEngine(setting.database);
let idle = process.cpuUsage();
// What starting has cost is not what messages cost.
process.on('SIGUSR2', () => {
  idle = process.cpuUsage();
});
const fleet = await createFleet({
  accountId,
  csdsDomain,
  ...(socketHost !== undefined && { domains: { facadeMsg: socketHost } }),
  logins: setting.logins.map((credentials) => ({ credentials })),
  engine: broken === undefined ? engine : breakDefence(engine, broken, setting.database),
  interceptors: broken === 'lookUp' ? [hideOwnEvents] : [trap.interceptor],
  name,
  ttlMs,
  limits: { loginsPerSecond },
  reconnect: {
    initialMs: 100,
    maxMs: 1_000,
    loginSpacingMs: 100,
    dialSpacingMs: 0,
    maxAttempts: Number.POSITIVE_INFINITY,
  },
  logger: false,
});
const telling = (async () => {
  for await (const event of fleet.status()) print('error' in event ? { ...event, error: event.error?.message } : event);
})();
await fleet.serve(
  async (conversation) => {
    for await (const message of conversation.messages()) {
      await conversation.send(`echo: ${message.text}`, { inReplyTo: message });
      if (marks) await message.markRead();
    }
  },
  { signal: stopSignal() },
);
await telling;
const { user, system } = process.cpuUsage(idle);
print({ type: 'cost', cpuUs: user + system });
