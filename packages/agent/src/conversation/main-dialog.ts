import type { ConversationDetails } from '../inbound/mapping/index.ts';

/** The main dialog of a conversation: the open one, else the latest. A conversation may get a second one. */
export function mainDialogOf({ dialogs }: ConversationDetails): ConversationDetails['dialogs'][number] | undefined {
  const main = dialogs.filter(({ dialogType }) => dialogType === 'MAIN');
  return main.find(({ state }) => state === 'OPEN') ?? main.at(-1);
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
