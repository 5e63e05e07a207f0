// `@lp/agent/cursors`: where a bot's place in each dialog is kept, without the rest of the agent.
export * from './cursors/index.ts';
