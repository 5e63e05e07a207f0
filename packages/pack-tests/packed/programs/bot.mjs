import { connectAgent } from '@lp/agent';
import { startSimulator } from '@lp/simulator';

const simulator = await startSimulator();
const agent = await connectAgent(simulator.connectOptions);
await agent.setAgentState({ availability: 'ONLINE' });
const stop = new AbortController();
const served = agent.serve(
  async (conversation) => {
    for await (const message of conversation.messages()) await conversation.send(`echo: ${message.text}`);
  },
  { signal: stop.signal },
);

const chat = await simulator.consumer().startConversation({ message: 'hi' });
console.log((await chat.next()).text);

stop.abort();
await served;
await agent.close();
await simulator.close();
