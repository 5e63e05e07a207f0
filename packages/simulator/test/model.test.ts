import { describe, expect, it } from '@jest/globals';
import { ConfigError, createManualClock, type ManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import {
  agentUrl,
  type Change,
  connectAgent,
  logIn,
  oldId,
  open,
  type RawClient,
  type WireFrame,
} from './support/raw-client.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const ROUTING = '.ams.routing.RoutingTaskNotification';
const EVENTS = '.ams.ms.OnlineEventDistribution';
const STEPS = 250;

/** Numbers that look random and are the same each time. */
function createDice(seed: number) {
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return { below, pick: <T>(list: readonly T[]): T | undefined => list[below(list.length)] };
}

interface Details {
  stage: string;
  state: string;
  skillId: string;
  participants: Record<string, string[]>;
  participantsPId: Record<string, string[]>;
  dialogs: { dialogId: string; state: string; participantsDetails: { id: string; role: string; state: string }[] }[];
}
const detailsOf = (result: Record<string, unknown>) => result['conversationDetails'] as Details;

/** What a client holds that believes every notification of one subscription. */
class Believer {
  readonly held = new Map<string, Record<string, unknown>>();
  readonly surprises: string[] = [];
  readonly #client: RawClient;
  readonly #id: string;
  #read = 0;

  private constructor(client: RawClient, id: string) {
    this.#client = client;
    this.#id = id;
  }

  static async subscribe(client: RawClient, filter: object): Promise<Believer> {
    const { body } = await client.request('.ams.aam.SubscribeExConversations', filter);
    return new Believer(client, (body as { subscriptionId: string }).subscriptionId);
  }

  /** Applies what has come since the last time. */
  catchUp(): void {
    for (; this.#read < this.#client.frames.length; this.#read++) {
      const frame = this.#client.frames[this.#read] as WireFrame;
      const { subscriptionId, changes = [] } = (frame.body ?? {}) as { subscriptionId?: string; changes?: Change[] };
      if (frame.type !== CONVERSATIONS || subscriptionId !== this.#id) continue;
      for (const { type, result } of changes) this.#apply(type, result);
    }
  }

  #apply(type: string, result: Record<string, unknown>): void {
    const id = String(result['convId']);
    if (type === 'UPSERT') this.held.set(id, result);
    else if (!this.held.delete(id)) this.surprises.push(`DELETE of ${id}, which was not there`);
  }
}

/** Two agents who do at random whatever the platform lets them, with consumers who talk. */
class Schedule {
  readonly ids: string[] = [];
  refused = 0;
  accepted = 0;
  readonly #dice;
  readonly #simulator: Simulator;
  readonly #clock: ManualClock;
  readonly #agents: readonly RawClient[];

  constructor(seed: number, simulator: Simulator, clock: ManualClock, agents: readonly RawClient[]) {
    this.#dice = createDice(seed);
    this.#simulator = simulator;
    this.#clock = clock;
    this.#agents = agents;
  }

  async step(): Promise<void> {
    const { below, pick } = this.#dice;
    await this.#clock.advance(1 + below(500));
    const who = below(this.#agents.length);
    const agent = this.#agents[who] as RawClient;
    const conversationId = pick(this.ids);
    if (conversationId === undefined || below(8) === 0) {
      const skillId = pick(['-1', '7', '8']) ?? '-1';
      this.ids.push(...this.#simulator.openConversations(1, { skillId, message: 'hi' }));
      return;
    }
    const update = (...conversationField: object[]) =>
      this.#count(agent.request('.ams.cm.UpdateConversationField', { conversationId, conversationField }));
    const role = pick(['ASSIGNED_AGENT', 'MANAGER', 'READER']) ?? 'READER';
    const other = oldId(this.#simulator, 1 - who);
    const moves: (() => Promise<void>)[] = [
      () => this.#consumerSays(conversationId),
      () => this.#publish(agent, conversationId, { type: 'ContentEvent', contentType: 'text/plain', message: 'a' }),
      () =>
        this.#publish(agent, conversationId, { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [below(9)] }),
      () => this.#publish(agent, conversationId, { type: 'ChatStateEvent', chatState: 'COMPOSING' }),
      () => update({ field: 'ParticipantsChange', type: 'ADD', role }),
      () => update({ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' }),
      () => update({ field: 'ParticipantsChange', type: 'REMOVE', role }),
      () => update({ field: 'Skill', type: 'UPDATE', skill: pick(['7', '8']) }),
      () =>
        update(
          { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' },
          { field: 'ParticipantsChange', type: 'SUGGEST', role: 'ASSIGNED_AGENT', userId: other },
        ),
      () =>
        update({ field: 'Note', note: `note ${below(9)}` }, { field: 'TTRField', ttrType: 'CUSTOM', value: below(99) }),
      () => (below(3) === 0 ? update({ field: 'Stage', conversationState: 'CLOSE' }) : Promise.resolve()),
      () =>
        below(2) === 0
          ? update({ field: 'DialogChange', type: 'UPDATE', dialog: { dialogId: conversationId, state: 'CLOSE' } })
          : Promise.resolve(),
      () =>
        this.#count(agent.request('.ams.routing.SetAgentState', { availability: pick(['ONLINE', 'ONLINE', 'AWAY']) })),
      () => this.#answerRing(agent),
      () => this.#answerRing(agent),
    ];
    await pick(moves)?.();
  }

  async #count(response: Promise<WireFrame>): Promise<void> {
    const { code = 0 } = await response;
    if (code === 200 || code === 202) this.accepted++;
    else if (code === 400) this.refused++;
    else throw new Error(`a request got ${code}`);
  }

  #publish(agent: RawClient, dialogId: string, event: object): Promise<void> {
    return this.#count(agent.request('.ams.ms.PublishEvent', { dialogId, event }));
  }

  #consumerSays(conversationId: string): Promise<void> {
    try {
      this.#simulator.sayAsConsumer(conversationId, 'more');
    } catch (error) {
      // In one that is closed nobody speaks.
      if (!ConfigError.isInstance(error)) throw error;
      this.refused++;
    }
    return Promise.resolve();
  }

  async #answerRing(agent: RawClient): Promise<void> {
    const rings = new Map<string, string>();
    for (const { result } of agent.changes(ROUTING)) {
      const [ring] = result['ringsDetails'] as { ringId: string; ringState: string }[];
      if (ring) rings.set(ring.ringId, ring.ringState);
    }
    const [waiting] = [...rings].find(([, state]) => state === 'WAITING') ?? [];
    if (waiting === undefined) return;
    const ringState = this.#dice.below(4) === 0 ? 'REJECTED' : 'ACCEPTED';
    await this.#count(agent.request('.ams.routing.UpdateRingState', { ringId: waiting, ringState }));
  }
}

async function run(
  seed: number,
  check: (parts: { simulator: Simulator; schedule: Schedule; agents: RawClient[] }) => Promise<void>,
) {
  const clock = createManualClock();
  await using simulator = await startSimulator({
    seed,
    clock,
    idleTimeoutMs: 10 * 60 * 60_000,
    agents: [
      { username: 'ada', skills: ['7', '8', '-1'] },
      { username: 'bob', skills: ['7'], maxConversations: 5 },
    ],
  });
  const agents = [await connectAgent(simulator), await connectAgent(simulator, 1)];
  for (const [i, agent] of agents.entries()) {
    await agent.request('.ams.routing.SubscribeRoutingTasks', { agentId: oldId(simulator, i) });
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
  }
  const schedule = new Schedule(seed, simulator, clock, agents);
  await check({ simulator, schedule, agents });
}

describe.each([1, 2, 3])('whatever two agents do, by schedule %i,', (seed) => {
  it('every subscription holds what a new one is told', async () => {
    await run(seed, async ({ simulator, schedule, agents }) => {
      const [ada, bob] = agents as [RawClient, RawClient];
      const filters: [RawClient, object][] = [
        [ada, {}],
        [ada, { stage: ['OPEN'] }],
        [ada, { convState: ['CLOSE'] }],
        [bob, { convState: ['OPEN'], agentIds: [oldId(simulator, 1)] }],
        [bob, { agentIds: [oldId(simulator)], stage: ['OPEN'] }],
      ];
      const believers = await Promise.all(filters.map(([client, filter]) => Believer.subscribe(client, filter)));
      for (let i = 0; i < STEPS; i++) await schedule.step();
      await Promise.all(agents.map((agent) => agent.settle()));
      for (const [i, believer] of believers.entries()) {
        const [client, filter] = filters[i] as [RawClient, object];
        const fresh = await Believer.subscribe(client, filter);
        await client.settle();
        believer.catchUp();
        fresh.catchUp();
        expect(believer.surprises).toEqual([]);
        expect(new Set(believer.held.keys())).toEqual(new Set(fresh.held.keys()));
        // Reading lowers the counters of unread messages without a notification of its own.
        const told = ({ numberOfunreadMessages: _counters, ...result }: Record<string, unknown>) => result;
        for (const [id, result] of fresh.held) expect(told(believer.held.get(id) ?? {})).toEqual(told(result));
      }
      expect(believers[0]?.held.size).toBe(schedule.ids.length);
      // The schedule has to be one that both does things and is refused things.
      expect(Math.min(schedule.accepted, schedule.refused)).toBeGreaterThan(10);
    });
  });

  it('a conversation is whole: one assigned agent, dialogs that fit it, events numbered without a gap', async () => {
    await run(seed, async ({ schedule, agents }) => {
      const [ada] = agents as [RawClient];
      const all = await Believer.subscribe(ada, {});
      for (let i = 0; i < STEPS; i++) await schedule.step();
      await ada.settle();
      all.catchUp();
      expect(all.held.size).toBe(schedule.ids.length);
      for (const [id, result] of all.held) {
        const details = detailsOf(result);
        const { participants, participantsPId, dialogs, stage, state } = details;
        expect((participants['ASSIGNED_AGENT'] ?? []).length).toBeLessThanOrEqual(1);
        expect(Object.keys(participantsPId)).toEqual(Object.keys(participants));
        for (const [role, ids] of Object.entries(participants)) expect(participantsPId[role]).toHaveLength(ids.length);
        const main = dialogs.find((dialog) => dialog.dialogId === id);
        expect(main?.state).toBe(state);
        expect(stage).toBe(dialogs.every((dialog) => dialog.state === 'CLOSE') ? 'CLOSE' : 'OPEN');
        const active = (main?.participantsDetails ?? []).filter((p) => p.state === 'ACTIVE');
        for (const { id: each, role } of active) expect(participants[role]).toContain(each);
        const unread = Object.values(result['numberOfunreadMessages'] as Record<string, number>);
        for (const count of unread) expect(count).toBeGreaterThanOrEqual(0);
        expect(state === 'OPEN' || result['effectiveTTR'] === -1).toBe(true);
        const { body } = await ada.request('.ams.ms.QueryMessages', { dialogId: id });
        const sequences = (body as { sequence: number }[]).map(({ sequence }) => sequence);
        expect(sequences).toEqual(sequences.map((_, i) => i));
        const last = result['lastContentEventNotification'] as { sequence: number } | undefined;
        expect(sequences).toContain(last?.sequence);
      }
    });
  });

  it('a conversation rings at one agent at a time, and only at one who may have it', async () => {
    await run(seed, async ({ schedule, agents }) => {
      for (let i = 0; i < STEPS; i++) await schedule.step();
      await Promise.all(agents.map((agent) => agent.settle()));
      const states = new Map<string, { conversation: string; state: string; skill: string; agent: number }>();
      for (const [agent, client] of agents.entries()) {
        for (const { type, result } of client.changes(ROUTING)) {
          const [ring] = result['ringsDetails'] as { ringId: string; ringState: string }[];
          if (type === 'DELETE' || !ring) continue;
          const before = states.get(ring.ringId);
          // A ring waits first, and ends once.
          expect(before?.state ?? 'none').toBe(ring.ringState === 'WAITING' ? 'none' : 'WAITING');
          states.set(ring.ringId, {
            conversation: String(result['conversationId']),
            state: ring.ringState,
            skill: String(result['skillId']),
            agent,
          });
        }
      }
      const waiting = [...states.values()].filter(({ state }) => state === 'WAITING');
      expect(new Set(waiting.map(({ conversation }) => conversation)).size).toBe(waiting.length);
      expect([...states.values()].some(({ state }) => state === 'ACCEPTED')).toBe(true);
    });
  });

  it('events reach those who take part in the order of their numbers, each once', async () => {
    await run(seed, async ({ schedule, agents }) => {
      for (let i = 0; i < STEPS; i++) await schedule.step();
      for (const agent of agents) {
        await agent.settle();
        const seen = new Map<string, number>();
        for (const { body } of agent.notifications(EVENTS)) {
          const { dialogId, sequence } = body as { dialogId: string; sequence?: number };
          if (sequence === undefined) continue;
          expect(sequence).toBeGreaterThan(seen.get(dialogId) ?? -1);
          seen.set(dialogId, sequence);
        }
        expect(seen.size).toBeGreaterThan(0);
      }
    });
  });

  it('is the same the second time', async () => {
    const story = async (): Promise<string> => {
      let text = '';
      await run(seed, async ({ simulator, schedule }) => {
        for (let i = 0; i < 60; i++) await schedule.step();
        const frames = simulator.recentFrames.filter(({ direction }) => direction === 'out');
        text = frames.map(({ frame }) => `${frame?.type} ${frame?.code ?? ''}`).join('\n');
      });
      return text;
    };
    expect(await story()).toBe(await story());
  });
});

describe('a socket of the older version', () => {
  it('holds the same conversations, without suggested agents', async () => {
    await run(7, async ({ simulator, schedule }) => {
      const { bearer } = await logIn(simulator);
      const old = await open(agentUrl(simulator, bearer, '2.0'));
      const believer = await Believer.subscribe(old, {});
      for (let i = 0; i < STEPS; i++) await schedule.step();
      await old.settle();
      believer.catchUp();
      expect(believer.held.size).toBe(schedule.ids.length);
      for (const result of believer.held.values()) {
        for (const { participantsDetails } of detailsOf(result).dialogs) {
          expect(participantsDetails.filter(({ state }) => state === 'SUGGESTED')).toEqual([]);
        }
      }
    });
  });
});
