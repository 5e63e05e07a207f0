import type { Agent } from '@lp/agent';
import type { Caution } from '../worker/caution.ts';

/**
 * Tells of each answer that shows twice in a dialog under the same id, while the owner before may still be heard of: what
 * no client can prevent is at least known. Ends with the agent; never rejects.
 */
export async function watchRepetitions(
  agent: Agent,
  caution: Caution,
  onRepeated: (dialogId: string, sequence: number) => void,
): Promise<void> {
  if (caution.isOver) return;
  const seen = new Map<string, number>();
  try {
    for await (const { dialogId, event, isMe, metadata, sequence } of agent.messagingEvents()) {
      if (caution.isOver) return;
      const id = metadata?.find(({ type }) => type === 'ExternalId')?.['id'];
      if (!isMe || event.type === 'AcceptStatusEvent' || typeof id !== 'string' || sequence === undefined) continue;
      const key = `${dialogId}\u0000${id}`;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, sequence);
      else if (first !== sequence) onRepeated(dialogId, sequence);
    }
  } catch {
    // The agent has ended with an error, which its owner hears of.
  }
}
