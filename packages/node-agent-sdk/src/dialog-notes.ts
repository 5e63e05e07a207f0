import type { ConversationChangeRecord } from './conversations.ts';
import type { GapRepair } from './gap-repair.ts';

/** Tells the repair of gaps what conversations say of their dialogs: the newest event, and which are over. */
export function noteDialogs(changes: readonly (ConversationChangeRecord | null)[], repair: GapRepair): void {
  for (const change of changes) {
    const { convId, conversationDetails, lastContentEventNotification: last } = change?.result ?? {};
    const gone = change?.type === 'DELETE';
    const lastDialog = last?.dialogId ?? convId;
    if (!gone && lastDialog !== undefined && typeof last?.sequence === 'number') repair.hint(lastDialog, last.sequence);
    if (gone && convId !== undefined) repair.left(convId);
    for (const { dialogId, state } of conversationDetails?.dialogs ?? []) {
      if (dialogId === undefined) continue;
      if (gone) repair.left(dialogId);
      else if (state === 'CLOSE') repair.ended(dialogId);
    }
  }
}
