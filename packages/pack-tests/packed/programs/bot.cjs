const { connectAgent } = require('@lp/agent');
const { decodeFrame } = require('@lp/agent/schemas');
const { credentialsFromEnv } = require('@lp/auth');
const { LpError } = require('@lp/core');
const { Broadcast } = require('@lp/core/internal');
const { startSimulator } = require('@lp/simulator');
const { createTransport } = require('@lp/transport');

async function main() {
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
  console.log([decodeFrame, credentialsFromEnv, LpError, Broadcast, createTransport].map((one) => typeof one).join());

  stop.abort();
  await served;
  await agent.close();
  await simulator.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
