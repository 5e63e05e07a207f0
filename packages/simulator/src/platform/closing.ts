import type { ConversationMeta, Dialog } from './model.ts';

/** Who closes: AGENT, CONSUMER or SYSTEM. */
export interface Closing {
  readonly by: string;
  readonly now: number;
  readonly cause?: string | undefined;
}

export function closeDialog(dialog: Dialog, { by, now, cause }: Closing): void {
  if (dialog.state === 'CLOSE') return;
  dialog.state = 'CLOSE';
  dialog.endTs = now;
  dialog.metaDataLastUpdateTs = now;
  dialog.closedBy = by;
  if (cause !== undefined) dialog.closedCause = cause;
  dialog.participants = dialog.participants.filter((p) => p.state !== 'SUGGESTED');
}

/** Closes what is still open, and with it the conversation. */
export function closeConversation(meta: ConversationMeta, closing: Closing): void {
  for (const dialog of meta.dialogs) closeDialog(dialog, closing);
  meta.state = 'CLOSE';
  meta.stage = 'CLOSE';
  meta.endTs = closing.now;
  meta.closeReason ??= closing.by;
}
