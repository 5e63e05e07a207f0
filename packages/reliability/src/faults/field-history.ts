import type { World } from '../lib/world.ts';
import type { FaultScenario } from './scenario.ts';

const SMALL_FRAMES = 64 * 1024;
const MANY = 400;
const LASTS_MS = 120_000;
// Of three conversations, with what connecting, reading the histories, answering and two audits ask for.
const FEW = 150;

type Doing = Omit<FaultScenario, 'group'>;

/** Changes every frame of a kind to the agent, from the strike on. */
function changing(kind: string, change: (text: string) => string): Pick<FaultScenario, 'world' | 'strike'> {
  return {
    world: { proxy: true },
    strike: ({ proxy, simulator }: World) => {
      if (proxy) proxy.toAgent = (text) => [text.includes(kind) ? change(text) : text];
      simulator.faults.dropAll();
    },
  };
}

/** Goes on for two minutes, in which every message has to be answered, with few requests. */
function unharmed({ world, strike }: Pick<FaultScenario, 'world' | 'strike'>): Omit<Doing, 'id' | 'what'> {
  let responses = 0;
  let unanswered = 0;
  return {
    ...(world && { world }),
    strike: async (it) => {
      await strike(it);
      const { proxy, time } = it;
      const change = proxy?.toAgent;
      if (!proxy || !change) return;
      proxy.toAgent = (text) => {
        if (text.includes('"kind":"resp"')) responses++;
        return change(text);
      };
      await time.run(LASTS_MS);
      unanswered = it.open;
    },
    check: () => {
      if (unanswered > 0) return `${unanswered} messages waited for the end of the fault`;
      return responses > FEW ? `${responses} requests were made` : undefined;
    },
  };
}

const times = (value: string): ((text: string) => string) => {
  const fields = /"(serverTimestamp|startTs|endTs|creationTs|lastUpdateTime|currentTime)":\s*\d+/g;
  return (text) => text.replace(fields, (_, name: string) => `"${name}":${value}`);
};

/** A message with a sequence that is no safe whole number, first in each page of a history. */
function unsafeRecord(sequence: number): (text: string) => string {
  return (text) => {
    const frame = JSON.parse(text) as { body?: unknown };
    if (!Array.isArray(frame.body) || frame.body.length === 0) return text;
    const [first] = frame.body as object[];
    return JSON.stringify({ ...frame, body: [{ ...first, sequence }, ...(frame.body as unknown[])] });
  };
}

const doings: readonly Doing[] = [
  {
    id: 'giant-history',
    what: `${MANY} messages, more than a frame may hold, are said in one conversation while the connection is lost`,
    world: { agent: { maxPayloadBytes: SMALL_FRAMES } },
    strike: (world) => {
      const [id = ''] = world.said.keys();
      world.simulator.faults.dropAll();
      for (let n = 0; n < MANY; n++) world.say(id);
    },
    check: ({ statuses }) => (statuses.has('invalidFrame') ? 'a frame was too large' : undefined),
  },
  ...[2 ** 53, -1, 1.5].map(
    (sequence): Doing => ({
      id: `history-sequence-${sequence}`,
      what: `each page of the history has a message numbered ${sequence === 2 ** 53 ? '2⁵³' : String(sequence).replace('-', '−')}`,
      ...unharmed(changing('QueryMessages', unsafeRecord(sequence))),
    }),
  ),
  ...['1e300', '-5', '0', 'null'].map(
    (value): Doing => ({
      id: `times-${value}`,
      what: `every time in what the platform says is ${value.replace('-', '−')} for 2 minutes`,
      ...unharmed(changing('"body"', times(value))),
    }),
  ),
  {
    id: 'watcher',
    what: 'somebody watches all conversations while publishing is refused, and the bot is started again',
    strike: async (world) => {
      world.simulator.faults.failRequests('PublishEvent', 500);
      for (const id of world.said.keys()) void watch(world, id);
      await world.time.run(2_000);
      await world.closeAgent();
      world.simulator.faults.clear();
      await world.serveAgain();
    },
  },
  {
    id: 'many-rings',
    what: 'forty consumers ring at once',
    strike: (world) => {
      for (const id of world.simulator.openConversations(40)) world.say(id);
    },
  },
];

async function watch({ agent }: World, id: string): Promise<void> {
  try {
    for await (const _ of agent?.conversation(id).messages({ start: 'live' }) ?? []);
  } catch {
    // It ends with the agent.
  }
}

/** What histories, times and other readers have done to clients of the same kind. */
export const fieldHistory: readonly FaultScenario[] = doings.map((doing) => ({
  ...doing,
  id: `field-${doing.id}`,
  group: 'field',
}));
