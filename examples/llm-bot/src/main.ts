import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { answerWith } from './llm.ts';
import { mockModel, rehearsal } from './rehearsal.ts';

/** The model that the environment names, of any service that speaks OpenAI's protocol. */
function modelFromEnv(env: Readonly<Record<string, string | undefined>>) {
  const { LLM_API_KEY: apiKey, LLM_BASE_URL: baseURL = 'https://api.openai.com/v1', LLM_MODEL: name } = env;
  if (!name)
    throw new Error('set LLM_MODEL to the name of a model (mock for one that needs no service), and LLM_API_KEY');
  if (name === 'mock') return mockModel();
  return createOpenAICompatible({ name: 'llm', baseURL, ...(apiKey !== undefined && { apiKey }) })(name);
}

await run(
  'llm-bot',
  async ({ env, options, signal }) => {
    const model = modelFromEnv(env);
    await using agent = await connectAgent(options);
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve(answerWith(model), { signal });
  },
  rehearsal,
);
