import { Agent } from './agent.ts';

// What `require` and `import` of `lib/AgentSDK` give: the class itself.
export { Agent as default, Agent as 'module.exports' };
