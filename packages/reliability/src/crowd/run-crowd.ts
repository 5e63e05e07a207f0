import { type Agent, type Conversation, connectAgent } from '@lp/agent';
import { type SimulatedChat, startSimulator } from '@lp/simulator';

export interface CrowdOptions {
  readonly consumers: number;
  readonly agents: number;
  /** Whether agents come only once all consumers wait, and answer them all at once. Default: they answer as consumers come. */
  readonly burst?: boolean;
  readonly onProgress?: (text: string) => void;
}

/** What a crowd took of the memory of one process with platform, consumers and agents in it; in bytes of resident memory. */
export interface CrowdResult {
  readonly consumers: number;
  readonly agents: number;
  /** Once every consumer has a conversation, and a message in it. */
  readonly openBytes: number;
  /** The most at any moment, that at which every one of them is answered included. */
  readonly peakBytes: number;
  readonly answered: number;
  readonly realSeconds: number;
  readonly failures: readonly string[];
}

const LIMIT_BYTES = 600 * 1024 * 1024;
const SAMPLE_MS = 20;
// Nothing here is about speed: a busy machine takes its time.
const PATIENCE_MS = 1_800_000;
// Consumers who have said something and are not answered yet.
const AT_ONCE = 100;

/** Scripted consumers who all say something, and agents that answer them, in one process. */
export async function runCrowd({
  consumers,
  agents,
  burst = false,
  onProgress = () => undefined,
}: CrowdOptions): Promise<CrowdResult> {
  const startedAt = performance.now();
  let peakBytes = 0;
  const sample = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), SAMPLE_MS);
  const credentials = Array.from({ length: agents }, (_, n) => ({
    username: `bot-${n}@example.com`,
    password: 'secret',
  }));
  const simulator = await startSimulator({ agents: credentials });
  const connected: Agent[] = [];
  for (const one of credentials) {
    connected.push(await connectAgent({ ...simulator.connectOptions, credentials: one, logger: false }));
  }
  let served: Promise<void>[] = [];
  const serve = async () => {
    served = connected.map((agent) => agent.serve(echo));
    await Promise.all(connected.map((agent) => agent.setAgentState({ availability: 'ONLINE' })));
  };
  if (!burst) await serve();
  const chats: SimulatedChat[] = [];
  let answered = 0;
  const awaitReply = async (chat: SimulatedChat) => {
    const { text } = await chat.next({ timeoutMs: PATIENCE_MS });
    if (text === 'echo: hello' && ++answered % 2_000 === 0) onProgress(`${answered} are answered`);
  };
  const waiting = new Set<Promise<void>>();
  for (let n = 0; n < consumers; n++) {
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    chats.push(chat);
    if (burst) continue;
    const reply = awaitReply(chat).finally(() => waiting.delete(reply));
    waiting.add(reply);
    if (waiting.size >= AT_ONCE) await Promise.race(waiting);
  }
  const openBytes = process.memoryUsage.rss();
  onProgress(`all are open: ${Math.round(openBytes / 2 ** 20)} MB`);
  if (burst) {
    await serve();
    await Promise.all(chats.map(awaitReply));
  }
  await Promise.all(waiting);
  await Promise.all(connected.map((agent) => agent.close()));
  await Promise.all(served);
  await simulator.close();
  clearInterval(sample);
  const failures: string[] = [];
  if (answered < consumers) failures.push(`${consumers - answered} consumers were not answered`);
  if (peakBytes > LIMIT_BYTES) failures.push(`it took ${Math.round(peakBytes / 2 ** 20)} MB`);
  return {
    consumers,
    agents,
    openBytes,
    peakBytes,
    answered,
    realSeconds: Math.round((performance.now() - startedAt) / 1_000),
    failures,
  };
}

async function echo(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
}
