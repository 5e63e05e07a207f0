// Writes docs/options.md from the types: `node packages/tooling/src/options-page.mjs`. A test says when it is out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PublicTypes } from './public-types.mjs';
import { root } from './run.mjs';

/** Whose options the page has. */
const ENTRIES = {
  '@lp/agent': 'packages/agent/src/index.ts',
  '@lp/agent/content': 'packages/agent/src/content.ts',
  '@lp/auth': 'packages/auth/src/index.ts',
  '@lp/core': 'packages/core/src/index.ts',
  '@lp/fleet': 'packages/fleet/src/index.ts',
  '@lp/fleet/postgres': 'packages/fleet/src/postgres/index.ts',
  '@lp/simulator': 'packages/simulator/src/index.ts',
  '@lp/transport': 'packages/transport/src/index.ts',
};

/** Who takes options, in the order a reader meets them: what is called, the type of its options, and where that is exported. */
export const PAGES = [
  ['connectAgent(options)', 'AgentOptions', '@lp/agent'],
  ['… `reconnect`', 'ReconnectPolicy', '@lp/transport'],
  ['… `keepAlive`', 'KeepAliveOptions', '@lp/transport'],
  ['agent.serve(handler, options)', 'ServeOptions', '@lp/agent'],
  ['Every stream', 'StreamOptions', '@lp/agent'],
  ['Every request', 'RequestOptions', '@lp/agent'],
  ['conversation.messages(options)', 'MessagesOptions', '@lp/agent'],
  ['… `settle`', 'Settle', '@lp/agent'],
  ['conversation.events(options)', 'EventsOptions', '@lp/agent'],
  ['conversation.history(options)', 'NewestOptions', '@lp/agent'],
  ['A text that comes in pieces', 'TextOptions', '@lp/agent'],
  ['conversation.send(content, options)', 'SendOptions', '@lp/agent'],
  ['message.reply(content, options)', 'ReplyOptions', '@lp/agent'],
  ['conversation.ask(question, options)', 'AskOptions', '@lp/agent'],
  ['conversation.handOff(to, options)', 'HandOffOptions', '@lp/agent'],
  ['conversation.uploadFile(data, file)', 'UploadOptions', '@lp/agent'],
  ['agent.conversations(query)', 'ConversationQuery', '@lp/agent'],
  ['agent.messagingEvents(options)', 'MessagingEventsOptions', '@lp/agent'],
  ['agent.history: one call', 'HistoryCallOptions', '@lp/agent'],
  ['agent.history: pages', 'HistoryPageOptions', '@lp/agent'],
  ['agent.survey: one call', 'RestCallOptions', '@lp/agent'],
  ['agent.survey: which survey', 'AgentSurveyTarget', '@lp/agent'],
  ['agent.survey: submit and dismiss', 'SurveyRevision', '@lp/agent'],
  ['createFileDialogStore(path, options)', 'FileDialogStoreOptions', '@lp/agent'],
  ['createFileCursorStore(path, options)', 'FileCursorStoreOptions', '@lp/agent'],
  ['createMemoryDialogStore(options)', 'DialogStoreOptions', '@lp/agent'],
  ['createMemoryCursorStore(options)', 'CursorStoreOptions', '@lp/agent'],
  ['quickReplies(replies, options)', 'QuickRepliesOptions', '@lp/agent/content'],
  ['button(title, options)', 'ButtonOptions', '@lp/agent/content'],
  ['carousel(cards, options)', 'CarouselOptions', '@lp/agent/content'],
  ['createFleet(options)', 'FleetOptions', '@lp/fleet'],
  ['… `limits`', 'FleetLimits', '@lp/fleet'],
  ['… each of `logins`', 'FleetLogin', '@lp/fleet'],
  ['fleet.serve(handler, options)', 'FleetServeOptions', '@lp/fleet'],
  ['postgresEngine(database, options)', 'PostgresEngineOptions', '@lp/fleet/postgres'],
  ['createHttpClient(options)', 'HttpClientOptions', '@lp/auth'],
  ['createDomainResolver(options)', 'DomainResolverOptions', '@lp/auth'],
  ['One look-up', 'DomainLookupOptions', '@lp/auth'],
  ['createSessionManager(options)', 'SessionManagerOptions', '@lp/auth'],
  ['sessions.renew(reason, options)', 'RenewOptions', '@lp/auth'],
  ['login, logout and refreshSession', 'AuthCallOptions', '@lp/auth'],
  ['login(options)', 'LoginOptions', '@lp/auth'],
  ['logout(options), refreshSession(options)', 'SessionCallOptions', '@lp/auth'],
  ['createAppTokens(options)', 'AppTokensOptions', '@lp/auth'],
  ['createRestClient(options)', 'RestClientOptions', '@lp/auth'],
  ['http.request(request)', 'HttpRequest', '@lp/auth'],
  ['rest.request(request)', 'RestRequest', '@lp/auth'],
  ['createTransport(options)', 'TransportOptions', '@lp/transport'],
  ['… `tls`', 'TlsOptions', '@lp/transport'],
  ['transport.request(frame, options)', 'RequestOptions', '@lp/transport'],
  ['… `probeRequest` of `keepAlive`, and the frame of a request', 'RequestFrame', '@lp/transport'],
  ['backoffDelay(policy, attempt)', 'BackoffPolicy', '@lp/core'],
  ['startSimulator(options)', 'SimulatorOptions', '@lp/simulator'],
  ['… each of `agents`', 'SimulatedAgent', '@lp/simulator'],
  ['… each of `skills`', 'SimulatedSkill', '@lp/simulator'],
  ['… each of `apps`', 'SimulatedApp', '@lp/simulator'],
  ['… each of `webhooks`', 'SimulatedWebhook', '@lp/simulator'],
  ['… `quirks`', 'Quirks', '@lp/simulator'],
  ['simulator.consumer(profile)', 'ConsumerProfile', '@lp/simulator'],
  ['consumer.startConversation(options)', 'StartConversation', '@lp/simulator'],
  ['simulator.openConversations(count, options)', 'PopulateOptions', '@lp/simulator'],
  ['simulator.waitForRequest(type, predicate, options)', 'WaitOptions', '@lp/simulator'],
  ['simulator.faults: whom they strike', 'FaultTarget', '@lp/simulator'],
  ['simulator.faults: how often they strike', 'FaultOptions', '@lp/simulator'],
];

/** How a program names what has a method, where that is not the type's name with a small letter. */
const NAMED = {
  AgentConnection: 'agent',
  AgentSurveyClient: 'agent.survey',
  AppTokens: 'tokens',
  DomainResolver: 'domains',
  Faults: 'simulator.faults',
  HttpClient: 'http',
  ManualClock: 'clock',
  SessionManager: 'sessions',
  SimulatedChat: 'chat',
};

const HEAD = '| option | type | default | unit | when, and what it does |\n|---|---|---|---|---|';

/** The page as it should be. @throws Error for options that the page has not, and for those whose comment lacks something. */
export function renderOptions(pages = PAGES) {
  const types = new PublicTypes(Object.values(ENTRIES));
  const shown = new Set();
  const problems = [];
  const rowOf = (option, start, aboutCall = '') => {
    shown.add(option.declarations[0]);
    const cells = cellsOf(types, option, aboutCall);
    const words = cells.at(-1);
    const name = [types.ownerOf(option) ?? start, option.name].filter(Boolean).join('.');
    if (words === '') problems.push(`${name}: the comment does not say what it is`);
    if (/\bdefaults?\b/i.test(words)) problems.push(`${name}: write "Default: x." for: ${words}`);
    return `| ${[start, ...cells]
      .filter((cell) => cell !== undefined)
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')} |`;
  };
  const sections = pages.map(([call, type, entry]) => {
    const symbol = types.exportsOf(ENTRIES[entry]).get(type);
    if (symbol === undefined) throw new Error(`${entry} exports no ${type}`);
    const [before, own] = partition(types.optionsIn(symbol), (option) => shown.has(option.declarations[0]));
    const table = own.length === 0 ? [] : [`${HEAD}\n${own.map((option) => rowOf(option)).join('\n')}`];
    return [titleOf(call), `\`${type}\` of \`${entry}\``, ...table, ...asAbove(types, before)].join('\n\n');
  });
  const calls = Object.values(ENTRIES).flatMap((entry) => types.callsOf(entry));
  const single = calls.flatMap(([name, call]) =>
    types
      .optionsOf(call)
      .filter((option) => types.ownerOf(option) === undefined && !shown.has(option.declarations[0]))
      .map((option) => rowOf(option, `\`${inProgram(name)}\``, types.docOf(call))),
  );
  const taken = calls.flatMap(([name, call]) => types.optionsOf(call).map((option) => [name, option]));
  for (const [name, option] of taken) {
    if (!shown.has(option.declarations[0])) {
      problems.push(`${name} takes ${types.ownerOf(option)}, which is not on the page`);
      shown.add(option.declarations[0]);
    }
    const inner = types.nestedOptions(option).filter((one) => !shown.has(one.declarations[0]));
    taken.push(...inner.map((one) => [`${name}: ${option.name}`, one]));
  }
  if (problems.length > 0) throw new Error([...new Set(problems)].join('\n'));
  return `# Options

Made from the types by \`node packages/tooling/src/options-page.mjs\`: edit the comments there, not this page. An option that
is not known is a \`ConfigError\`, which names the nearest one that is.

${sections.join('\n\n')}

## Options of single calls

| call ${HEAD.replace('\n', '\n|---')}
${single.join('\n')}
`;
}

const titleOf = (call) => `## ${call.includes('`') || !call.includes('(') ? call : `\`${call}\``}`;

const partition = (items, test) => [items.filter((item) => test(item)), items.filter((item) => !test(item))];

/** A sentence for the options that another section has. */
function asAbove(types, options) {
  if (options.length === 0) return [];
  const owners = [...new Set(options.map((option) => types.ownerOf(option)))];
  const parts = owners.map((owner) => {
    const names = options.filter((option) => types.ownerOf(option) === owner).map(({ name }) => `\`${name}\``);
    return `those of \`${owner}\` (${names.join(', ')})`;
  });
  return [`As above: ${parts.join('; ')}.`];
}

/** `Fleet.serve` as a program has it: `fleet.serve`. */
function inProgram(name) {
  const [owner, method] = name.split('.');
  if (method === undefined) return name;
  return `${NAMED[owner] ?? owner.charAt(0).toLowerCase() + owner.slice(1)}.${method}`;
}

/** What an option is told by: its own comment, or what that of its call says of it. */
function cellsOf(types, option, aboutCall) {
  const sentences = aboutCall
    .split(/(?<=[.;]) /)
    .filter((sentence) => new RegExp(`\`${option.name}[\`.]`).test(sentence));
  const { said, standard } = split(types.docOf(option) || sentences.map(capital).join(' ').replace(/;$/, '.'));
  const unit = /Ms$/.test(option.name) ? 'ms' : /Bytes$/.test(option.name) ? 'bytes' : '';
  const missing = types.isOptional(option) ? '–' : 'required';
  return [`\`${option.name}\``, `\`${types.typeOf(option)}\``, standard ?? missing, unit, said];
}

// As the comments word it: `(default 4)`; `; default 8 MiB.`, `Default: no proxy.`, `Default 10,000;`.
const BRACKETED = / \(default:? ([^)]+)\)/i;
const DEFAULT = /(?:^|[.;,] *)default:? ((?:`[^`]*`|\([^)]*\)|[^.;]|[.](?=\S))+)[.;]?/i;

/** A doc comment without its default, and the default. */
function split(doc) {
  const aside = BRACKETED.exec(doc);
  if (aside) return { said: doc.replace(aside[0], ''), standard: aside[1] };
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
