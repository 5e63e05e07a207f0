// A worker of a fleet that may be killed, frozen or cut off at any moment. Its setting comes as JSON in LP_FLEET; it prints a
// line of JSON for each change of a login's state. With `broken`, one of the defences is switched off.
import { stopSignal } from '@lp/agent';
import { createFleet, type FleetEngine, memoryEngine } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import type { WorkerSetting } from '../fleet/setting.ts';

const setting = JSON.parse(process.env['LP_FLEET'] ?? '{}') as WorkerSetting;

/** The engine with a defence switched off, to see that the defence is needed. */
function broken(engine: FleetEngine): FleetEngine {
  const { broken: what } = setting;
  const proxy = Object.create(engine) as FleetEngine;
  const bind = <K extends keyof FleetEngine>(name: K, made: FleetEngine[K]) => Object.assign(proxy, { [name]: made });
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(engine)) as (keyof FleetEngine)[]) {
    const method = engine[name];
    if (typeof method === 'function') Object.assign(proxy, { [name]: method.bind(engine) });
  }
  // The gate never shuts: every beat counts as good, at once.
  if (what === 'gate') bind('beat', async () => (void engine.beat(me, {}).catch(() => undefined), true));
  // What the engine refuses counts as kept.
  if (what === 'fence') {
    bind('commit', async (incarnation, changes) => {
      await engine.commit(incarnation, changes);
      return changes.map(() => 'kept' as const);
    });
  }
  // Whoever is silent for one look is buried, whatever its beat.
  if (what === 'burial') bind('remove', (incarnation) => engine.remove(incarnation));
  let me = '';
  bind('join', (worker) => {
    me = worker.incarnation;
    return engine.join(worker);
  });
  return proxy;
}

const engine = setting.engine === 'memory' ? memoryEngine() : postgresEngine(setting.database);
let idle = process.cpuUsage();
// What starting has cost is not what messages cost.
process.on('SIGUSR2', () => {
  idle = process.cpuUsage();
});
const fleet = await createFleet({
  accountId: setting.accountId,
  csdsDomain: setting.csdsDomain,
  ...(setting.socketHost !== undefined && { domains: { facadeMsg: setting.socketHost } }),
  logins: setting.logins.map((credentials) => ({ credentials })),
  engine: setting.broken === undefined ? engine : broken(engine),
  name: setting.name,
  ttlMs: setting.ttlMs,
  limits: { loginsPerSecond: 1_000 },
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
  for await (const event of fleet.status()) {
    if (event.type === 'login') process.stdout.write(`${JSON.stringify({ ...event, error: event.error?.message })}\n`);
    else process.stdout.write(`${JSON.stringify(event)}\n`);
  }
})();
await fleet.serve(
  async (conversation) => {
    for await (const message of conversation.messages()) {
      await conversation.send(`echo: ${message.text}`, { inReplyTo: message });
      await message.markRead();
    }
  },
  { signal: stopSignal() },
);
await telling;
const { user, system } = process.cpuUsage(idle);
process.stdout.write(`${JSON.stringify({ type: 'cost', cpuUs: user + system })}\n`);
