import { closeConversation } from './closing.ts';
import { type Conversation, copyMeta } from './model.ts';
import type { Platform } from './platform.ts';
import { AUTO_CLOSE_EVERY_MS } from './skills.ts';

/**
 * Closes, every 25 minutes, conversations whose consumer has not answered for as long as the skill allows. No survey follows.
 * A conversation that went back to the queue begins anew, and one with a time set by hand waits for it.
 */
export function closeSilentConversations(platform: Platform): void {
  platform.clock.setTimer(
    () => {
      const now = platform.clock.now();
      for (const conversation of [...platform.open]) {
        if (isSilent(conversation, now - platform.skills.autoCloseMs(conversation.meta.skillId), now)) {
          closeBySystem(platform, conversation);
        }
      }
      platform.flush();
      closeSilentConversations(platform);
    },
    AUTO_CLOSE_EVERY_MS,
    { background: true },
  );
}

/** Ends a conversation in nobody's name. */
export function closeBySystem(platform: Platform, conversation: Conversation, cause?: string): void {
  const meta = copyMeta(conversation.meta);
  closeConversation(meta, { by: 'SYSTEM', now: platform.clock.now(), cause });
  platform.update(conversation, meta);
}

function isSilent(
  { meta, startTs, waitingSince, lastSaidTs, lastContent, transfers }: Conversation,
  since: number,
  now: number,
): boolean {
  if (meta.state !== 'OPEN' || waitingSince !== undefined || lastContent === undefined) return false;
  if (meta.manualETTR !== undefined && meta.manualETTR > now) return false;
  const saidAt = lastSaidTs ?? startTs;
  return Math.max(saidAt, transfers.at(-1)?.timeL ?? 0) <= since;
}
