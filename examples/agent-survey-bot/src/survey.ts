import { type Agent, type Conversation, isStaleRevision, RequestRejectedError } from '@lp/agent';
import type { AgentSurveyAnswer, AgentSurveyState } from '@lp/agent/schemas';

const MOST_TRIES = 5;

/** Handles a conversation: keeps a draft of its survey, and submits or dismisses it when told to, or when it ends. */
export async function fillInSurvey(agent: Agent, conversation: Conversation): Promise<void> {
  const { conversationId } = conversation;
  const { skillId = '-1' } = conversation.details;
  const target = { conversationId, skillId };

  /** Changes the survey as of its newest revision; false when it is over, or when there is none. */
  async function change(how: 'saveDraft' | 'submit' | 'dismiss'): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        const { questions = [], agentSurveyContext, revision } = await agent.survey.state(target);
        if (agentSurveyContext?.agentSurveyStatus !== 'open') return false;
        if (how === 'dismiss') await agent.survey.dismiss(target, { revision });
        else await agent.survey[how](target, questions.map(answer), { revision });
        return true;
      } catch (error) {
        if (RequestRejectedError.isInstance(error) && [404, 410].includes(error.status)) return false;
        if (!isStaleRevision(error) || tries === MOST_TRIES) throw error;
      }
    }
  }

  await change('saveDraft');
  for await (const message of conversation.messages({ from: 'consumer' })) {
    const { text } = message;
    if (text !== 'submit' && text !== 'dismiss') continue;
    await message.reply((await change(text)) ? `The survey is done: ${text}.` : 'There is no open survey.');
  }
  if (conversation.details.stage === 'CLOSE') await change('submit');
}

type Question = NonNullable<AgentSurveyState['questions']>[number];

/** What this bot knows to answer; other questions are only shown. */
function answer({ id = '', category, replies }: Question): AgentSurveyAnswer {
  if (category === 'free_text') return { id, questionStatus: 'answer', freeTextReply: 'handled by a bot' };
  const [first] = Array.isArray(replies) ? (replies as { id: number }[]) : [];
  return first ? { id, questionStatus: 'answer', replyIds: [first.id] } : { id, questionStatus: 'show' };
}
