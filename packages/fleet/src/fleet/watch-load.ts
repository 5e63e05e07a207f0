import type { Agent } from '@lp/agent';
import type { LoadMeter } from '../worker/load-meter.ts';

/** Notes the newest message of each consumer, from what the platform tells of conversations anyway. Ends with the agent; never rejects. */
export async function watchLoad(agent: Agent, load: LoadMeter): Promise<void> {
  try {
    for await (const { type, result } of agent.conversationChanges()) {
      const last = result.lastContentEventNotification;
      if (type === 'DELETE' && last?.dialogId !== undefined) load.ended(last.dialogId);
      else if (last?.sequence !== undefined && !last.isMe && last.originatorMetadata?.role === 'CONSUMER')
        load.said(last.dialogId, last.sequence, last.serverTimestamp ?? Date.now());
    }
  } catch {
    // The agent has ended with an error, which its owner hears of.
  }
}
