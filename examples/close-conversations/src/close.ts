import type { Agent } from '@lp/agent';

/** Closes every open conversation of these skills, and every new one, until the agent is closed. No survey follows. */
export async function closeAll(agent: Agent, skillIds: readonly string[]): Promise<void> {
  for await (const conversation of agent.conversations({ skillIds })) {
    const { conversationId } = conversation;
    try {
      await conversation.close();
      console.log(`closed ${conversationId}`);
    } catch (error) {
      console.error(`not closed ${conversationId}: ${(error as Error).message}`);
    }
  }
}
