import type { Agent, ConversationChange, StatusEvent } from '@lp/agent';

/** Prints every change of the account's open conversations, and what happens to the connection. */
export async function watch(agent: Agent, signal: AbortSignal): Promise<void> {
  const changes = agent.conversationChanges({ signal });
  const status = agent.status({ signal });
  await agent.subscribeExConversations({ stage: ['OPEN'] });
  await Promise.all([print(changes, lineOfChange), print(status, lineOfStatus)]);
}

async function print<T>(stream: AsyncIterable<T>, lineOf: (item: T) => string): Promise<void> {
  for await (const item of stream) console.log(`${new Date().toISOString()} ${lineOf(item)}`);
}

function lineOfChange({ type, result }: ConversationChange): string {
  const { convId, conversationDetails, lastContentEventNotification: last } = result;
  if (type === 'DELETE') return `${convId} is over`;
  const { skillId = '-1', participants } = conversationDetails ?? { participants: [] };
  const roles = participants.map(({ role }) => role).join(', ');
  const said =
    last?.event.type === 'ContentEvent'
      ? `; ${last.originatorMetadata?.role}: ${JSON.stringify(last.event.message)}`
      : '';
  return `${convId} in skill ${skillId} with ${roles}${said}`;
}

function lineOfStatus(event: StatusEvent): string {
  const detail = 'error' in event && event.error ? `: ${event.error.message}` : '';
  return `connection: ${event.type}${detail}`;
}
