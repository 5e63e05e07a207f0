import { type Agent, type AgentOptions, type Conversation, connectAgent } from '@lp/agent';
import { type SimulatedChat, type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { fastReconnect } from './fast-reconnect.ts';

/** A simulator with agents connected to it; disposing it closes them all. */
export interface TestPlatform extends AsyncDisposable {
  readonly simulator: Simulator;
  /** Connects the first agent, or the one with the given index. */
  connect(options?: Partial<AgentOptions>, index?: number): Promise<Agent>;
}

export async function startPlatform(options: SimulatorOptions = {}): Promise<TestPlatform> {
  const simulator = await startSimulator(options);
  const connected: Agent[] = [];
  return {
    simulator,
    async connect(overrides = {}, index = 0) {
      const { username, password } = simulator.agents[index] ?? simulator.connectOptions.credentials;
      const agent = await connectAgent({
        ...simulator.connectOptions,
        credentials: { username, password },
        reconnect: fastReconnect,
        logger: false,
        ...overrides,
      });
      connected.push(agent);
      return agent;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(connected.map((agent) => agent.close()));
      await simulator.close();
    },
  };
}

/** A platform that offers rings again at once, and its first agent, who is online. */
export async function startOnline(
  overrides?: Partial<AgentOptions>,
  options?: SimulatorOptions,
): Promise<{ platform: TestPlatform; agent: Agent }> {
  const platform = await startPlatform({ quirks: { ringReofferMs: 5 }, ...options });
  const agent = await platform.connect(overrides);
  await agent.setAgentState({ availability: 'ONLINE' });
  return { platform, agent };
}

/** A conversation that a consumer has started and this agent, who is online, has accepted. */
export async function accepted(
  { simulator }: TestPlatform,
  agent: Agent,
  start?: { message: string },
): Promise<{ chat: SimulatedChat; conversation: Conversation }> {
  const rings = agent.rings();
  const chat = await simulator.consumer().startConversation(start);
  await agent.subscribeExConversations({ stage: ['OPEN'] });
  await (await first(rings)).accept();
  return { chat, conversation: agent.conversation(chat.conversationId) };
}

/** The first item that fits. */
export async function first<T>(stream: AsyncIterable<T>, fits: (item: T) => boolean = () => true): Promise<T> {
  for await (const item of stream) if (fits(item)) return item;
  throw new Error('the stream ended before an item that fits came');
}

/** The next `count` items. */
export async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) if (items.push(item) === count) break;
  return items;
}

/** Reads a whole stream. */
export async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
