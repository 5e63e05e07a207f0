import { type Rehearsal, show } from '@lp-examples/shared';
import { type LanguageModel, simulateReadableStream } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';

const TOKENS = { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0, text: 0, reasoning: 0 };
const OPINION = [
  'There is no better pizza than the one with tomatoes, basil and mozzarella: it has been baked in the same way for more than a hundred years, and nobody has ever asked for their money back. It takes ninety seconds in a hot oven.',
  'Whoever wants more on it may have it. Mushrooms, olives and peppers are there every day, anchovies on Fridays, and pineapple is there for those who ask for it twice, since the cook pretends not to hear it the first time.',
  'Shall I order one?',
].join('\n\n');

/** A model that needs no service: it has an opinion on pizza, word by word. */
export function mockModel(): LanguageModel {
  return new MockLanguageModelV3({
    doStream: async () => ({
      stream: simulateReadableStream({
        initialDelayInMs: 20,
        chunkDelayInMs: 2,
        chunks: [
          { type: 'stream-start', warnings: [] },
          { type: 'text-start', id: '0' },
          ...OPINION.split(/(?<= )/).map((delta) => ({ type: 'text-delta' as const, id: '0', delta })),
          { type: 'text-end', id: '0' },
          {
            type: 'finish',
            finishReason: { unified: 'stop', raw: 'stop' },
            usage: { inputTokens: TOKENS, outputTokens: TOKENS },
          },
        ],
      }),
    }),
  });
}

export const rehearsal: Rehearsal = {
  env: { LLM_MODEL: 'mock' },
  async play(simulator) {
    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'Which pizza is best?' });
    show('Ada', 'Which pizza is best?');
    for (let paragraph = 0; paragraph < 3; paragraph++) show('Bot', (await chat.next()).text);
  },
};
