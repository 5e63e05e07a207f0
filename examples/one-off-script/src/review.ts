import type { Agent } from '@lp/agent';

/** Prints what was said in a conversation and notes when it was looked at. Every line is a call that was answered. */
export async function review(agent: Agent, conversationId: string): Promise<void> {
  const [{ currentTime }, events] = await Promise.all([
    agent.getClock(),
    agent.queryMessages({ dialogId: conversationId }),
  ]);
  for (const { sequence, originatorMetadata, event } of events) {
    if (event.type === 'ContentEvent') console.log(sequence, originatorMetadata?.role, event.message);
  }
  const conversation = agent.conversation(conversationId);
  await conversation.setNote(`reviewed at ${new Date(currentTime).toISOString()}`);
}
