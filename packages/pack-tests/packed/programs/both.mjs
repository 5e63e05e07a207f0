// Loads both forms in one process, and mixes what they make.
import { createRequire } from 'node:module';
import * as core from '@lp/core';
import { startSimulator } from '@lp/simulator';

const require = createRequire(import.meta.url);
const other = require('@lp/core');
const { connectAgent } = require('@lp/agent');

const simulator = await startSimulator();
const { credentials } = simulator.connectOptions;
const refused = await connectAgent({
  ...simulator.connectOptions,
  credentials: { ...credentials, password: 'wrong' },
  logger: core.silentLogger,
}).catch((error) => error);
console.log(
  [
    new other.ConfigError('x') instanceof core.ConfigError,
    core.LpError.isInstance(new other.ClosedError('x')),
    refused instanceof core.InvalidCredentialsError,
    refused instanceof other.InvalidCredentialsError,
  ].join(),
);

const agent = await connectAgent({ ...simulator.connectOptions, clock: core.systemClock });
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
