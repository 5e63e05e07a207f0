// `@lp/agent/schemas`: the schemas, whole, for those who have the agent anyway. A service without one installs `@lp/schemas`.
export * from '@lp/schemas';
