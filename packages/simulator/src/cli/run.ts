import { readFile, writeFile } from 'node:fs/promises';
import { ConfigError } from '@lp/core';
import { codeOf } from '@lp/core/internal';
import type { SimulatorOptions } from '../options.ts';
import type { SimulatedAgent } from '../platform/agents.ts';
import { type Simulator, startSimulator } from '../simulator.ts';
import { type CliArguments, HELP, readArguments, UsageError } from './arguments.ts';

export interface CliOutput {
  out(text: string): void;
  err(text: string): void;
}

/** Runs the command; gives the simulator that runs then, or the exit code of a command that is over. */
export async function runCli(args: readonly string[], output: CliOutput): Promise<Simulator | number> {
  let port = 0;
  try {
    const given = readArguments(args);
    port = given.port;
    if (given.help) {
      output.out(HELP);
      return 0;
    }
    const simulator = await startSimulator(await optionsOf(given));
    if (given.ca !== undefined) await writeCertificate(simulator, given.ca);
    output.out(greeting(simulator, given));
    return simulator;
  } catch (error) {
    output.err(`lp-simulator: ${explain(error, port)}\n`);
    return error instanceof UsageError || ConfigError.isInstance(error) ? 2 : 1;
  }
}

async function optionsOf({
  port,
  tls,
  agents,
  account,
  seed,
  allowedOrigins,
}: CliArguments): Promise<SimulatorOptions> {
  return {
    port,
    tls,
    web: true,
    allowedOrigins,
    ...(agents === undefined ? {} : { agents: await readAgents(agents) }),
    ...(account === undefined ? {} : { accountId: account }),
    ...(seed === undefined ? {} : { seed }),
  };
}

async function readAgents(file: string): Promise<SimulatedAgent[]> {
  let text: string;
  try {
    // Editors of Windows begin a file with a byte order mark.
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`cannot read the agents file ${file} (${codeOf(error)})`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`the agents file ${file} is not JSON`, { cause: error });
  }
  if (!Array.isArray(value)) throw new UsageError(`the agents file ${file} must hold a list of agents`);
  return value as SimulatedAgent[];
}

async function writeCertificate(simulator: Simulator, file: string): Promise<void> {
  try {
    await writeFile(file, simulator.ca ?? '');
  } catch (error) {
    await simulator.close();
    throw new UsageError(`cannot write the certificate to ${file} (${codeOf(error)})`, { cause: error });
  }
}

function greeting(simulator: Simulator, { ca, tls }: CliArguments): string {
  const agents = simulator.agents.map(({ username, password }) => `  ${username}  password ${password}`);
  const trust = ca === undefined ? 'start again with --ca FILE to get its certificate' : `NODE_EXTRA_CA_CERTS=${ca}`;
  return [
    `The platform runs at ${simulator.url}`,
    `  chat page    ${simulator.pageUrl}`,
    `  account      ${simulator.accountId}`,
    `  csdsDomain   ${simulator.csdsDomain}`,
    ...(tls ? [`  authority    ${trust}`] : []),
    'Agents:',
    ...agents,
    'Apps:',
    ...simulator.apps.map(({ clientId, clientSecret }) => `  ${clientId}  secret ${clientSecret}`),
    'Press Ctrl+C to stop.',
    '',
  ].join('\n');
}

function explain(error: unknown, port: number): string {
  if (codeOf(error) === 'EADDRINUSE') return `port ${port} is in use; choose another with --port`;
  if (codeOf(error) === 'EACCES') return 'this port needs more rights; choose another with --port';
  return error instanceof Error ? error.message : String(error);
}
