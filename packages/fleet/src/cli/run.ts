import { parseArgs } from 'node:util';
import { ConfigError } from '@lp/core';
import { meantFlag } from '@lp/core/internal';
import type { FleetEngine } from '../engine/engine.ts';
import { viewOf } from '../fleet/view.ts';
import { postgresEngine } from '../postgres/engine.ts';
import { formatView } from './format.ts';

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const HELP = `Usage: lp-fleet <command> [--database ADDRESS]

  status           who holds what
  drain WORKER     has a worker hand its logins over and leave
  move LOGIN       has a login's worker hand it to another; lets a login that was set aside be tried again

The address of the database is taken from DATABASE_URL when it is not given.
  --json           prints the status as JSON
`;

const CALL_TIMEOUT_MS = 10_000;

class UsageError extends Error {}

/** Runs the command and gives its exit code: 0, 1 when it could not be done, 2 for a wrong command line. */
export async function runCli(args: readonly string[], { env, err, out }: CliContext): Promise<number> {
  try {
    const { command, database, json, name } = read(args, env);
    if (command === 'help') {
      out(HELP);
      return 0;
    }
    const engine = postgresEngine(database, { listen: false });
    try {
      await engine.open({ accountId: undefined, callTimeoutMs: CALL_TIMEOUT_MS });
      out(await run(engine, command, name, json));
    } finally {
      await engine.close();
    }
    return 0;
  } catch (error) {
    err(`lp-fleet: ${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

type Command = 'status' | 'drain' | 'move';

function read(args: readonly string[], env: CliContext['env']) {
  const { values, positionals } = parse(args);
  const [command, name = '', ...rest] = positionals;
  if (values.help === true || command === undefined || command === 'help')
    return { command: 'help' as const, name, database: '', json: false };
  if (!isCommand(command)) throw new UsageError(`there is no command ${command}; lp-fleet --help lists them`);
  if (rest.length > 0 || (command === 'status') !== (name === ''))
    throw new UsageError(command === 'status' ? 'status takes no name' : `${command} takes one name`);
  const database = values.database ?? env['DATABASE_URL'] ?? '';
  if (database === '') throw new UsageError('give the address of the database: --database ADDRESS, or DATABASE_URL');
  return { command, name, database, json: values.json === true };
}

function parse(args: readonly string[]) {
  const flags = { database: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    const text = (error as Error).message.split('.')[0] ?? 'the command line cannot be read';
    const meant = meantFlag(error, Object.keys(flags));
    throw new UsageError(meant === undefined ? text : `${text}; did you mean --${meant}?`);
  }
}

function isCommand(word: string): word is Command {
  return ['status', 'drain', 'move'].includes(word);
}

async function run(engine: FleetEngine, command: Command, name: string, json: boolean) {
  if (command === 'status') {
    const view = viewOf(await engine.read(), () => 0);
    return json ? `${JSON.stringify(view, undefined, 2)}\n` : formatView(view, Date.now());
  }
  const order = command === 'drain' ? { drain: name } : { move: name };
  const { logins } = await engine.read();
  if (!(await engine.order(order)))
    throw new ConfigError(`the fleet has no ${command === 'drain' ? 'worker' : 'login'} ${name}`);
  if (command === 'drain') return `${name} hands its logins over and leaves\n`;
  const before = logins.find(({ login }) => login === name);
  if (before?.aside !== undefined) return `${name} was set aside (${before.aside}), and is tried again\n`;
  return before?.owner === undefined ? `${name} is held by nobody\n` : `${name} is handed to another worker\n`;
}
