import type { Agent, Conversation } from '@lp/agent';

/** Greets every open conversation of the account, and every new one, until stopped. */
export async function greetEverybody(agent: Agent, signal: AbortSignal): Promise<void> {
  await agent.setAgentState({ availability: 'AWAY' }); // no rings: the bot joins by itself
  for await (const conversation of agent.conversations({ signal })) {
    // A conversation that was closed meanwhile must not keep the bot from the others.
    await greet(conversation).catch((error: Error) =>
      console.error(`${conversation.conversationId}: ${error.message}`),
    );
  }
}

/** What an earlier run has done is not done again: its role is seen, and its greeting is found by the key. */
async function greet(conversation: Conversation): Promise<void> {
  if (!conversation.myRole) await conversation.join('MANAGER');
  await conversation.send('Welcome! A colleague will be with you in a moment.', { key: 'welcome' });
}
