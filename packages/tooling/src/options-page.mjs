// Writes docs/options.md from the types: `node packages/tooling/src/options-page.mjs`. A test says when it is out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PublicTypes } from './public-types.mjs';
import { root } from './run.mjs';

/** Who takes options, in the order a reader meets them: what is called, the type of its options, and where that is exported. */
const PAGES = [
  ['connectAgent(options)', 'AgentOptions', 'agent'],
  ['… `reconnect`', 'ReconnectPolicy', 'transport'],
  ['… `keepAlive`', 'KeepAliveOptions', 'transport'],
  ['agent.serve(handler, options)', 'ServeOptions', 'agent'],
  ['conversation.messages(options)', 'MessagesOptions', 'agent'],
  ['conversation.events(options)', 'EventsOptions', 'agent'],
  ['Every stream', 'StreamOptions', 'agent'],
  ['conversation.send(content, options)', 'SendOptions', 'agent'],
  ['message.reply(content, options)', 'ReplyOptions', 'agent'],
  ['conversation.ask(question, options)', 'AskOptions', 'agent'],
  ['conversation.handOff(options)', 'HandOffOptions', 'agent'],
  ['agent.conversations(query)', 'ConversationQuery', 'agent'],
  ['Every request', 'RequestOptions', 'agent'],
  ['createFileDialogStore(path, options)', 'FileDialogStoreOptions', 'agent'],
  ['createFileCursorStore(path, options)', 'FileCursorStoreOptions', 'agent'],
  ['createHttpClient(options)', 'HttpClientOptions', 'auth'],
  ['createDomainResolver(options)', 'DomainResolverOptions', 'auth'],
  ['createSessionManager(options)', 'SessionManagerOptions', 'auth'],
  ['createAppTokens(options)', 'AppTokensOptions', 'auth'],
  ['createTransport(options)', 'TransportOptions', 'transport'],
  ['startSimulator(options)', 'SimulatorOptions', 'simulator'],
];

const entryOf = (name) => `packages/${name}/src/index.ts`;

/** The page as it should be. */
export function renderOptions() {
  const entries = [...new Set(PAGES.map(([, , name]) => entryOf(name)))];
  const types = new PublicTypes(entries);
  const sections = PAGES.map(([call, type, name]) => {
    const symbol = types.exportsOf(entryOf(name)).get(type);
    if (symbol === undefined) throw new Error(`@lp/${name} exports no ${type}`);
    const rows = types.membersOf(symbol).map((member) => row(types, member));
    const title = call.includes('`') || !call.includes('(') ? call : `\`${call}\``;
    return `## ${title}\n\n\`${type}\` of \`@lp/${name}\`\n\n| option | type | default | unit | when, and what it does |\n|---|---|---|---|---|\n${rows.join('\n')}`;
  });
  return `# Options

Made from the types by \`node packages/tooling/src/options-page.mjs\`: edit the comments there, not this page. An option that
is not known is a \`ConfigError\`, which names the nearest one that is.

${sections.join('\n\n')}
`;
}

function row(types, member) {
  const { said, standard } = split(types.docOf(member));
  const unit = /Ms$/.test(member.name) ? 'ms' : /Bytes$/.test(member.name) ? 'bytes' : '';
  const missing = types.isOptional(member) ? '–' : 'required';
  const cells = [
    `\`${member.name}\``,
    `\`${types.typeOf(member)}\``,
    standard ?? missing,
    unit,
    said || types.docOf(member),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

// As the comments word it: `; default 8 MiB.`, `Default: no proxy.`, `Default 10,000;`.
const DEFAULT = /(?:^|[.;,] *)default:? ((?:`[^`]*`|[^.;]|[.](?=\S))+)[.;]?/i;

/** A doc comment without its default, and the default. */
function split(doc) {
  const found = DEFAULT.exec(doc);
  if (!found) return { said: doc, standard: undefined };
  const [whole, standard] = found;
  const [before, after] = [doc.slice(0, found.index), doc.slice(found.index + whole.length)].map((part) => part.trim());
  const end = before === '' || /[.:]$/.test(before) ? before : `${before}.`;
  return { said: [end, capital(after)].filter(Boolean).join(' '), standard: standard.trim() };
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(root, 'docs', 'options.md'), renderOptions());
