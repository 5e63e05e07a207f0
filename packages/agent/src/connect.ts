import { compileCheck, compileChecksWith } from '@lp/schemas/internal';
import type { Agent } from './agent.ts';
import { createAgent } from './client.ts';
import { type AgentOptions, resolveOptions } from './link/agent-options.ts';

/**
 * Logs an agent in and connects it. Resolves when the platform has answered a request on the socket.
 *
 * Looks the account's hosts up, logs in, opens the socket. From then on the connection replaces itself when it is lost,
 * the session is kept fresh, and subscriptions, the agent's state and streams are restored.
 *
 * @throws ConfigError for options that cannot work; InvalidCredentialsError, never retried; DomainLookupError for an
 * unknown account; any other failure of the first connection as it is, with `retryable` saying whether trying again can
 * help (see `firstConnect`). An aborted `signal` rejects with its reason. Whatever was begun is released.
 */
export async function connectAgent(options: AgentOptions): Promise<Agent> {
  compileChecksWith(compileCheck);
  const resolved = resolveOptions(options);
  resolved.signal?.throwIfAborted();
  const { agent, connect } = createAgent(resolved);
  await connect();
  return agent;
}
