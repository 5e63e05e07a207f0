import type { Conversation } from '@lp/agent';
import { type LanguageModel, type ModelMessage, streamText } from 'ai';

const SYSTEM = 'You answer the customers of a pizza shop in plain text, in short paragraphs.';

/**
 * Answers with a language model what a consumer writes in one go: each paragraph is said when the next one begins, and the rest is left when the consumer
 * writes again. Killed in between, the model is asked to go on after what was said; a whole answer is not made again.
 */
export const answerWith =
  (model: LanguageModel) =>
  async (conversation: Conversation): Promise<void> => {
    for await (const message of conversation.messages({ from: 'consumer', settle: { quietMs: 500 } })) {
      const [first = message] = message.burst;
      const before = await conversation.history({ last: 20, before: first.sequence });
      const talk = [...before, message].map(
        ({ isMe, text = '(a file or a form)' }): ModelMessage => ({ role: isMe ? 'assistant' : 'user', content: text }),
      );
      await message.reply(({ said, signal }) => textOf(model, goOn(talk, said), signal), {
        deliver: 'paragraphs',
        interruptible: true,
      });
    }
  };

/** What the model is asked for when the beginning of its answer was said before. */
function goOn(talk: ModelMessage[], said: string): ModelMessage[] {
  if (said === '') return talk;
  return [...talk, { role: 'assistant', content: said }, { role: 'user', content: 'Go on after your last word.' }];
}

/** The text that a model makes. Its `textStream` would end without an error when the model fails: half an answer would count as a whole one. */
async function* textOf(model: LanguageModel, messages: ModelMessage[], abortSignal: AbortSignal) {
  const { fullStream } = streamText({ model, system: SYSTEM, messages, abortSignal, onError: () => undefined });
  for await (const part of fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'text-delta') yield part.text;
  }
}
