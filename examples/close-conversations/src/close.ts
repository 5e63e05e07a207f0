import type { Agent } from '@lp/agent';

/** Closes every open conversation of these skills, and every new one, until stopped. No survey follows. */
export async function closeAll(agent: Agent, skillIds: readonly string[], signal: AbortSignal): Promise<void> {
  for await (const conversation of agent.conversations({ skillIds, signal })) {
    const { conversationId } = conversation;
    try {
      await conversation.close();
      console.log(`closed ${conversationId}`);
    } catch (error) {
      console.error(`not closed ${conversationId}: ${(error as Error).message}`);
    }
  }
}
