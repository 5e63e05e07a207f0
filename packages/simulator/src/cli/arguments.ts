import { parseArgs } from 'node:util';
import { meantFlag } from '@lp/core/internal';

export interface CliArguments {
  readonly help: boolean;
  readonly port: number;
  readonly tls: boolean;
  readonly ca: string | undefined;
  readonly agents: string | undefined;
  readonly account: string | undefined;
  readonly seed: number | undefined;
  readonly allowedOrigins: readonly string[];
}

export const HELP = `Usage: lp-simulator [options]

Runs the LivePerson messaging platform on this machine until it is interrupted, with a chat
page on which you play the consumers.

Options:
  --port PORT       listen on this port; default: a free one
  --tls             serve https and wss with a certificate authority made at start
  --ca FILE         with --tls: write the authority's certificate to this file
  --agents FILE     a JSON list of agents: [{ "username": "bot@example.com", "password": "…",
                    "skills": ["1"], "maxConversations": 3 }]; default: one agent
  --account ID      the account's id; default le12345678
  --seed NUMBER     where ids and keys come from; without: logins as with 1, other ids each time
  --allow-origin URL  let pages of this origin in, as http://localhost:3000; may be repeated
  --help            show this text
`;

/** Something the person who typed the command can put right; the message is one line. */
export class UsageError extends Error {}

/** @throws UsageError for options that do not exist, lack a value or are no numbers. */
export function readArguments(args: readonly string[]): CliArguments {
  const {
    help = false,
    port,
    tls = false,
    ca,
    agents,
    account,
    seed,
    'allow-origin': allowedOrigins = [],
  } = parse(args);
  if (ca !== undefined && !tls) throw new UsageError('--ca needs --tls');
  return {
    help,
    port: port === undefined ? 0 : wholeNumber('--port', port),
    tls,
    ca,
    agents,
    account,
    seed: seed === undefined ? undefined : wholeNumber('--seed', seed),
    allowedOrigins,
  };
}

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  port: { type: 'string' },
  tls: { type: 'boolean' },
  ca: { type: 'string' },
  agents: { type: 'string' },
  account: { type: 'string' },
  seed: { type: 'string' },
  'allow-origin': { type: 'string', multiple: true },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, options: OPTIONS }).values;
  } catch (error) {
    // Node explains at length; its first sentence names the option.
    const [text = ''] = String((error as { message: unknown }).message).split('. ');
    const meant = meantFlag(error, Object.keys(OPTIONS));
    throw new UsageError(
      `${text.replace(/\.$/, '')}; ${meant === undefined ? 'see --help' : `did you mean --${meant}?`}`,
      { cause: error },
    );
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${name} must be a whole number`);
  return Number(text);
}
