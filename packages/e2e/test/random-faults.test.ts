import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, connectAgent } from '@lp/agent';
import { type Faults, type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { fastReconnect } from '../../agent/test/support/fast-reconnect.ts';
import { createRandom } from '../../reliability/src/lib/random.ts';

const CONVERSATIONS = 200;
const MESSAGES = 4;
const FAULTS = 20;
const SEED = Number(process.env['FAULT_SEED'] ?? 20260101);

const FAULT_KINDS: readonly ((faults: Faults) => void)[] = [
  (faults) => faults.dropAll(),
  (faults) => faults.closeWith(4401),
  (faults) => faults.closeWith(1011),
  (faults) => faults.closeWith(1001),
  (faults) => faults.expireToken(),
  (faults) => faults.expireToken({ sockets: 'drop' }),
  (faults) => faults.duplicate({ times: 30 }),
  (faults) => faults.reorder({ times: 30 }),
  (faults) => faults.loseNotifications({ times: 10 }),
  (faults) => faults.corrupt({ times: 5 }),
  (faults) => faults.omitLastContentEvent({ times: 20 }),
  (faults) => faults.lateAnswers(20, { times: 20 }),
  (faults) => faults.failRequests('QueryMessages', 500, { times: 3 }),
  (faults) => {
    faults.failUpgrade(503, { times: 1 });
    faults.dropAll();
  },
  (faults) => {
    faults.csdsDown(503, { times: 1 });
    faults.expireToken();
  },
];

let simulator: Simulator;
let agent: Agent;

beforeAll(async () => {
  simulator = await startSimulator({ seed: SEED });
  agent = await connectAgent({
    ...simulator.connectOptions,
    logger: false,
    // Tokens that are revoked in quick succession look like a second program with this login, which is met with waits.
    contestedWaitMs: 0,
    reconnect: { ...fastReconnect, maxAttempts: 100 },
  });
  await agent.setAgentState({ availability: 'ONLINE' });
});

afterAll(async () => {
  await agent.close();
  await simulator.close();
});

describe('a bot under random faults', () => {
  // verifies: readme:no-loss
  it(`answers each of ${CONVERSATIONS * MESSAGES} messages exactly once, in order (seed ${SEED})`, async () => {
    const random = createRandom(SEED);
    const stop = new AbortController();
    const errors: unknown[] = [];
    const statuses = (async () => {
      for await (const event of agent.status()) if (event.type === 'handlerError') errors.push(event.error);
    })();
    const served = agent.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) {
          await conversation.send(`echo: ${message.text}`, { confirm: true });
          await message.markRead();
        }
      },
      // What is lost on a connection that lives is found by the audit: not to wait for a minute, it is made often.
      { signal: stop.signal, auditIntervalMs: 200 },
    );

    const chats: SimulatedChat[] = [];
    let said = 0;
    const strikeAt = Math.floor((CONVERSATIONS * MESSAGES) / (FAULTS + 1));
    const say = async (chat: SimulatedChat, text: string) => {
      await chat.say(text);
      if (++said % strikeAt === 0) random.pick(FAULT_KINDS)(simulator.faults);
    };
    for (let round = 0; round < MESSAGES; round++) {
      for (let n = 0; n < CONVERSATIONS; n++) {
        chats[n] ??= await simulator.consumer().startConversation();
        await say(chats[n] as SimulatedChat, `${round} of ${n}`);
      }
    }
    const expected = chats.map((_, n) => Array.from({ length: MESSAGES }, (__, round) => `echo: ${round} of ${n}`));
    for (const chat of chats) for (let n = 0; n < MESSAGES; n++) await chat.next({ timeoutMs: 30_000 });
    await agent.getClock();
    stop.abort();
    await served;

    const answers = chats.map((chat) => chat.transcript.filter(({ from }) => from === 'agent').map(({ text }) => text));
    expect(errors).toEqual([]);
    expect(answers).toEqual(expected);
    await agent.close();
    await statuses;
  }, 60_000);
});
