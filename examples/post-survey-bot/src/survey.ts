import type { Agent, Conversation, Dialog, Message } from '@lp/agent';

const SURVEY = { surveyId: '1', provider: 'External' } as const;
const STARS = [1, 2, 3, 4, 5].map((count) => ({ id: `A${count}`, title: '⭐'.repeat(count), count }));

/** Runs the survey of every conversation that has one of this installation, side by side. */
export async function runSurveys(agent: Agent, appInstallId: string, signal: AbortSignal): Promise<void> {
  const isMine = (dialog: Dialog) =>
    dialog.dialogType === 'POST_SURVEY' && dialog.state === 'OPEN' && dialog.metaData?.appInstallId === appInstallId;
  // The main dialog is closed and the conversation is not: it is in a survey.
  for await (const conversation of agent.conversations({ state: 'CLOSE', stage: 'OPEN', signal })) {
    const dialog = conversation.details.dialogs.find(isMine);
    if (!dialog) continue;
    runSurvey(agent, conversation, dialog).catch((error: Error) =>
      console.error(`${conversation.conversationId}: ${error.message}`),
    );
  }
}

async function runSurvey(agent: Agent, conversation: Conversation, dialog: Dialog): Promise<void> {
  const { conversationId } = conversation;
  const { dialogId } = dialog;
  const say = (text: string) => conversation.send(text, { dialogId });
  const ask = () =>
    conversation.send('How satisfied are you with our service?', {
      dialogId,
      metadata: [{ type: 'Question', id: '1', ...SURVEY, replies: STARS.map(({ id }) => id) }],
      quickReplies: {
        type: 'quickReplies',
        itemsPerRow: 5,
        replies: STARS.map(({ id, title }) => ({
          type: 'button',
          title,
          click: {
            actions: [{ type: 'publishText', text: title }],
            metadata: [{ type: 'Answer', id, questionId: '1', ...SURVEY }],
          },
        })),
      },
    });

  // A restarted bot neither joins nor asks a second time.
  if (!dialog.participantsDetails?.some(({ id, role }) => id === agent.agentId && role === 'AGENT')) {
    await conversation.join('AGENT', { dialogId });
  }
  const events = await agent.queryMessages({ dialogId });
  if (!events.some(({ isMe, event }) => isMe && event.type === 'ContentEvent')) await ask();

  for await (const message of conversation.messages({ dialogId, from: 'consumer' })) {
    const stars = starsOf(message);
    if (stars === undefined) {
      await markInvalid(agent, message);
      await say('Sorry, I did not understand that.');
      await ask();
      continue;
    }
    console.log(`${conversationId}: ${stars} of 5`);
    await say('Thank you, and goodbye!');
    await conversation.closeDialog(dialogId, { closedBy: 'AGENT', closedCause: 'Completed' });
  }
}

/** A pressed button says its title, and so may a person; a digit will do as well. */
function starsOf({ text = '' }: Message): number | undefined {
  return STARS.find(({ title, count }) => text.trim() === title || text.trim() === String(count))?.count;
}

/** Tells reports that a message was no answer. */
async function markInvalid(agent: Agent, { dialogId, sequence }: Message): Promise<void> {
  await agent.publishEvent(
    { dialogId, event: { type: 'AcceptStatusEvent', status: 'ENRICH', sequenceList: [sequence] } },
    { metadata: [{ type: 'InvalidAnswer', questionId: '1', ...SURVEY }] },
  );
}
