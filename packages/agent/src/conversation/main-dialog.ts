import type { ConversationDetails } from '../inbound/mapping/index.ts';
import type { Brief } from '../inbound/told.ts';

/** The main dialog of a conversation: the open one, else the latest. A conversation may get a second one. */
export function mainDialogOf(known: Pick<Brief, 'dialogs'> | undefined): Brief['dialogs'][number] | undefined {
  let latest: Brief['dialogs'][number] | undefined;
  // Asked for each message that is said: without lists of its own.
  for (const dialog of known?.dialogs ?? []) {
    if (dialog.dialogType !== 'MAIN') continue;
    if (dialog.state === 'OPEN') return dialog;
    latest = dialog;
  }
  return latest;
}

/** The main dialog's id: mostly the conversation's, and then the very same text, since each frame has a copy of its own. */
export function mainDialogIdOf(known: Pick<Brief, 'dialogs'> | undefined, conversationId: string): string {
  const dialogId = mainDialogOf(known)?.dialogId;
  return dialogId === undefined || dialogId === conversationId ? conversationId : dialogId;
}

/** The dialogs of a conversation, as far as they are known. */
export function dialogIdsOf(known: Pick<Brief, 'dialogs'> | undefined, conversationId: string): string[] {
  return [...new Set([conversationId, ...(known?.dialogs ?? []).map(({ dialogId }) => dialogId)])];
}

/** What there is before anything is known of a conversation. */
export function unknownDetails(convId: string): ConversationDetails {
  return {
    convId,
    participants: [],
    participantsByRole: undefined,
    dialogs: [],
    myRoles: [],
    myRole: undefined,
    mySuggestedRoles: [],
  };
}
