import type { Agent, Conversation, Message, Ring } from '@lp/agent';
import { startPlatform, type TestPlatform } from './platform.ts';

/** One of each thing that has public methods, on a platform of their own. */
export interface OneOfEach {
  readonly platform: TestPlatform;
  readonly agent: Agent;
  readonly ring: Ring;
  readonly conversation: Conversation;
  readonly message: Message;
}

/** Connects an agent that has accepted a ring and read its message. */
export async function oneOfEach(): Promise<OneOfEach> {
  const platform = await startPlatform();
  const agent = await platform.connect();
  await agent.setAgentState({ availability: 'ONLINE' });
  const rings = agent.rings()[Symbol.asyncIterator]();
  const next = rings.next();
  await platform.simulator.consumer().startConversation({ message: 'hello' });
  const ring = (await next).value as Ring;
  const conversation = await ring.accept();
  const message = (await conversation.messages()[Symbol.asyncIterator]().next()).value as Message;
  return { platform, agent, ring, conversation, message };
}
