import { simulator } from './requirements-simulator.ts';

/** A promise of a document, and the tests that hold the packages to it. */
export interface Requirement {
  readonly id: string;
  /** Words of the promise, as they stand in the document. */
  readonly says: string;
  /** Test files under `packages/`, and names of tests in them as they stand in the source. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

/** A document, and the sections of it whose list items and table rows are promises. */
export interface Source {
  readonly sections: readonly string[];
  /** Its other sections with lists or tables, and why those hold no promise. */
  readonly others?: Readonly<Record<string, string>>;
  readonly requirements: readonly Requirement[];
}

const FAULTS = 'reliability/test/faults.test.ts';
const NO_LOSS = 'loses nothing, repeats nothing, leaks nothing, leaves nothing behind: %s';
const CHAOS = 'reliability/test/chaos.test.ts';
const NO_LOSS_IN_CHAOS = 'lose no message, repeat no answer, change no order, leak nothing and leave no memory behind';
const SOAK = 'reliability/test/soak.test.ts';
const FUZZ = 'reliability/test/fuzz.test.ts';
const CONNECT = 'agent/test/live/connect.test.ts';
const CONVERSATION = 'agent/test/live/conversation.test.ts';
const WORK = 'agent/test/live/work.test.ts';
const RESYNC = 'agent/test/dialog/resync-stream.test.ts';
const CHANNEL = 'core/test/channel.test.ts';
const RECONNECT = 'transport/test/reconnect.test.ts';
const DIALS = 'transport/test/connect.test.ts';
const MACHINE = 'transport/test/machine.test.ts';
const REQUESTS = 'transport/test/requests.test.ts';
const CORRELATOR = 'transport/test/correlator.test.ts';
const FRAMES = 'transport/test/frames.test.ts';
const STATUS = 'transport/test/observability.test.ts';
const SESSIONS = 'auth/test/session-manager.test.ts';
const LOGIN = 'auth/test/login.test.ts';
const HTTP = 'auth/test/http.test.ts';
const REST = 'auth/test/rest.test.ts';
const DOMAINS = 'auth/test/domains.test.ts';
const SERVE = 'agent/test/live/serve.test.ts';
const LIFECYCLE = 'agent/test/dialog/resync-lifecycle.test.ts';
const ERRORS = 'core/test/errors.test.ts';
const CORE = 'core/test/helpers.test.ts';
const CRASH = 'reliability/test/secrets.test.ts';
const STORES = 'agent/test/cursors/cursor-stores.test.ts';

/** Documents that promise users nothing of their own, and why. */
export const withoutPromises: Readonly<Record<string, string>> = {
  'docs/CONTRIBUTING.md': 'how this repository is worked on',
  'docs/REVIEW.md': 'questions for reviewers',
  'docs/architecture.md': 'how it is built; what users may rely on of it stands in the other documents',
  'docs/dependencies.md': 'what is used and why; a test compares it with what is installed',
  'docs/migrating-from-node-agent-sdk.md': 'what the old names are called now; its code is type-checked by the tests',
  'docs/performance.md': 'measurements, judged by a gate of their own',
  'docs/protocol-notes.md': 'facts and assumptions about the platform',
  'docs/reliability.md': 'results, compared with what was measured by a test',
  'docs/versioning.md': 'what may change when: a promise about releases to come, which no test of this one can hold',
};

/**
 * Every promise that stands in a list or a table, by document. Prose is not taken apart: it explains the lists and tables
 * beside it, its code is type-checked, and its programs are run by the tests of the documents.
 */
export const sources: Readonly<Record<string, Source>> = {
  'README.md': {
    sections: ['Why'],
    others: {
      Compared: 'says what others do; of our own column every row is a promise of "Why", said again',
      'Read on': 'links',
    },
    requirements: [
      {
        id: 'readme:alive',
        says: 'Nothing to keep alive',
        tests: { [FAULTS]: [NO_LOSS], [CONNECT]: ['restores its state and its subscriptions after a reconnect'] },
      },
      {
        id: 'readme:no-loss',
        says: 'Nothing missed, nothing twice',
        tests: {
          [CHAOS]: [NO_LOSS_IN_CHAOS, 'lose no message, repeat no answer and change no order'],
          'e2e/test/random-faults.test.ts': ['answers each of '],
        },
      },
      {
        id: 'readme:checked',
        says: 'Wrong input is found before it is sent',
        tests: {
          [CONNECT]: ['refuses a body that cannot be right before anything is sent, naming the place and the limit'],
          'agent/test/link/call.test.ts': ['rejects an answer that cannot be one, without its content'],
        },
      },
      {
        id: 'readme:errors',
        says: 'Errors say what to do',
        tests: {
          'e2e/test/docs/errors.test.ts': ['has a row for every code, and no other'],
          'agent/test/live/requests.test.ts': [
            'tells what to do about a text that is well known, without repeating it',
          ],
        },
      },
      {
        id: 'readme:simulator',
        says: 'Tests without an account',
        tests: {
          'simulator/test/start.test.ts': ['gives what an agent needs to connect'],
          'e2e/test/docs/programs.test.ts': ['docs/testing-your-bot.md: the test passes'],
        },
      },
      {
        id: 'readme:secrets',
        says: 'Secrets stay secret',
        tests: {
          'reliability/test/secrets.test.ts': ['shows no secret in its output and its crash report: %s'],
          'auth/test/secrets.test.ts': ['when all goes well'],
          [STATUS]: ['no token, body or message text shows anywhere, whatever goes wrong'],
        },
      },
    ],
  },
  'docs/delivery-guarantees.md': {
    sections: [
      'Receiving',
      'Across restarts',
      'Answering: at most once, at least once, exactly once',
      'Requests',
      'Reconnecting',
      'What nobody can promise',
    ],
    requirements: [
      {
        id: 'receive:order',
        says: 'In order, each once',
        tests: {
          'agent/test/dialog/resync-property.test.ts': [
            'gives every event once, in order, and never keeps more than twice its capacity',
          ],
          [CONVERSATION]: [
            'gives what was said before and after it is read, in order, each once',
            'repeats nothing when every notification comes twice',
          ],
        },
      },
      {
        id: 'receive:recovered',
        says: 'What was missed is read from the history',
        tests: {
          [CONVERSATION]: [
            'misses nothing that is said while the connection is down',
            'tells live messages from those of the history',
          ],
        },
      },
      {
        id: 'receive:slow',
        says: 'A slow reader loses nothing',
        tests: {
          [SOAK]: ['takes nothing from the dialog that is read later'],
          [RESYNC]: ['keeps twice its capacity, then leaves the rest in the history and fetches it when there is room'],
        },
      },
      {
        id: 'receive:gap',
        says: 'What is gone for good is told',
        tests: {
          [RESYNC]: ['is a gap when every number is pushed and the history lacks it, asked three times'],
          'agent/test/dialog/resync-lifecycle.test.ts': [
            'publishes gaps and resyncs on their diagnostics channels, without content',
          ],
        },
      },
      {
        id: 'restart:cursors',
        says: 'the cursor store',
        tests: {
          [CONVERSATION]: [
            'starts again behind what was handled, and a loop that is left hands its last message out again',
          ],
          [CHAOS]: ['lose no message, repeat no answer and change no order'],
        },
      },
      {
        id: 'restart:read-marks',
        says: 'read marks on the platform',
        tests: { [CONVERSATION]: ['without any memory of its own leaves out what this agent has marked as read'] },
      },
      {
        id: 'answer:at-most-once',
        says: 'at most once',
        tests: { [CONVERSATION]: ['without any memory of its own leaves out what this agent has marked as read'] },
      },
      {
        id: 'answer:at-least-once',
        says: 'at least once',
        tests: {
          [CONVERSATION]: [
            'starts again behind what was handled, and a loop that is left hands its last message out again',
          ],
        },
      },
      {
        id: 'answer:exactly-once',
        says: 'exactly once',
        tests: {
          [CHAOS]: ['lose no message, repeat no answer and change no order'],
          'e2e/test/killed-bot.test.ts': ['answers every message exactly once, in order'],
          [WORK]: ['in reply to a message is said once, by whoever says it again after a restart'],
        },
      },
      {
        id: 'request:unwritten',
        says: 'was not written yet',
        tests: {
          [REQUESTS]: [
            'requests wait while connecting and while reconnecting, and go out in order',
            'a request that waits past its time was not sent',
          ],
        },
      },
      {
        id: 'request:idempotent',
        says: 'was written and changes nothing',
        tests: { [REQUESTS]: ['an idempotent request is sent again, once per connection, and answered'] },
      },
      {
        id: 'request:unknown',
        says: 'was written and may have taken effect',
        tests: { [REQUESTS]: ['a request that was written has an unknown outcome, and is never sent again'] },
      },
      {
        id: 'request:given-up',
        says: 'has no answer when the agent gives up reconnecting',
        tests: {
          [REQUESTS]: ['requests that wait are handed back when the transport gives up'],
          [CORRELATOR]: ['by failure hands back what was not sent, with the cause'],
        },
      },
      {
        id: 'request:closed',
        says: 'has no answer when you close the agent',
        tests: { [CORRELATOR]: ['by close tells what may have taken effect from what has not'] },
      },
      {
        id: 'reconnect:reauth',
        says: 'close codes 4401, 4407, 1011',
        tests: {
          [RECONNECT]: [
            'after close ${code}, as ${reason}',
            'with one new token when the refusal shows at the next upgrade',
          ],
          [DIALS]: ['with 401 asks for a new token once, and a second time is final'],
        },
      },
      {
        id: 'reconnect:retry',
        says: 'any other close, a reset, silence',
        tests: {
          [RECONNECT]: [
            'after the TCP connection is cut, without a close frame',
            'is noticed by a ping without an answer, and replaced',
          ],
        },
      },
      {
        id: 'reconnect:final',
        says: 'close codes 1003, 1010',
        tests: { [RECONNECT]: ['was closed with a code that is final'], [DIALS]: ['with ${status} is final'] },
      },
      {
        id: 'reconnect:429',
        says: '429 at the upgrade',
        tests: { [DIALS]: ['with 429 waits a second, or as long as Retry-After says in seconds or as a date'] },
      },
      {
        id: 'reconnect:5xx',
        says: '5xx at the upgrade',
        tests: {
          [MACHINE]: ['climbs 5, 10, 15 s, then 2 minutes while the upgrade is answered with 5xx, and never less'],
        },
      },
      {
        id: 'limit:rings',
        says: 'The platform keeps rings for 72 seconds',
        tests: { 'simulator/test/routing.test.ts': ['expires after 72 seconds and goes to the next agent'] },
      },
      {
        id: 'limit:gone',
        says: 'neither pushes nor has in its history',
        tests: { [RESYNC]: ['tells of events that it saw, could not keep, and that the history has lost'] },
      },
      {
        id: 'limit:unconfirmed',
        says: 'After `OutcomeUnknownError` without',
        tests: { [WORK]: ['without confirmation says that it does not know'] },
      },
      {
        id: 'limit:audit',
        says: 'The last notification of a conversation',
        tests: { [SERVE]: ['finds a message whose every notification got lost on a connection that lives'] },
      },
    ],
  },
  'docs/streams.md': {
    sections: [
      'What every stream promises',
      'What happens under pressure',
      'Cursors',
      'The durable stream of a dialog',
    ],
    requirements: [
      {
        id: 'stream:left',
        says: '`break`, `return`, an error in the loop',
        tests: {
          [CHANNEL]: ['closes the stream, drops its buffer and cleans up once', 'settles a next() that waits at once'],
        },
      },
      {
        id: 'stream:aborted',
        says: '`signal` aborted',
        tests: {
          [CHANNEL]: [
            'rejects the waiting next() with its reason and drops the buffer',
            'rejects the following next() when none waits, without delivering what was buffered',
          ],
        },
      },
      {
        id: 'stream:closed',
        says: '`close()`, or the natural end',
        tests: { [CHANNEL]: ['delivers what is buffered after close(), then is done'] },
      },
      {
        id: 'stream:failed',
        says: 'a fatal error',
        tests: { [CHANNEL]: ['delivers what is buffered before a fatal error, rejects once, and then is done'] },
      },
      {
        id: 'stream:disconnected',
        says: 'connection lost',
        tests: { [RESYNC]: ['shows nothing of it, and fills up from its position when the connection is back'] },
      },
      {
        id: 'stream:gap',
        says: 'a gap that cannot be filled',
        tests: { [RESYNC]: ['tells of events that it saw, could not keep, and that the history has lost'] },
      },
      {
        id: 'stream:second-consumer',
        says: 'a second consumer',
        tests: { [CHANNEL]: ['refuses a second consumer when it asks for an iterator'] },
      },
      {
        id: 'stream:disposed',
        says: '`await using`',
        tests: {
          [CHANNEL]: [
            'closes the stream and waits for its clean-up, again without effect',
            'never throws, whatever its clean-up does',
          ],
        },
      },
      {
        id: 'stream:closed-promise',
        says: '`closed` | Resolves',
        tests: { [CHANNEL]: ['never causes an unhandled rejection when nobody reads a failed stream'] },
      },
      {
        id: 'pressure:durable',
        says: 'messages and messaging events of a dialog',
        tests: { [SOAK]: ['takes nothing from the dialog that is read later'] },
      },
      {
        id: 'pressure:latest',
        says: 'conversation changes, routing tasks, agent states',
        tests: {
          [CHANNEL]: ['keeps every item of a key until under pressure, then the newest of each'],
          [SOAK]: ['stays within the capacity of each stream and is told of'],
        },
      },
      {
        id: 'pressure:typing',
        says: 'typing | Dropped',
        tests: { [RESYNC]: ['passes typing on when there is room, and drops it when there is not'] },
      },
      {
        id: 'cursors:memory',
        says: '`createMemoryCursorStore()`',
        tests: { [STORES]: ['knows nothing of a dialog at first, and then the highest number that was set'] },
      },
      {
        id: 'cursors:file',
        says: '`createFileCursorStore(path)`',
        tests: {
          'agent/test/cursors/killed-writer.test.ts': ['holds every cursor that was acknowledged, kill after kill'],
          [STORES]: ['shares its write with others of the same turn, and those made meanwhile share the next'],
        },
      },
      {
        id: 'durable:next',
        says: '**The next number is delivered at once**',
        tests: {
          [RESYNC]: [
            'gives the next number at once, even while a query is out',
            'asks for nothing more while live events follow one another',
          ],
        },
      },
      {
        id: 'durable:ahead',
        says: '**An event further ahead is held**',
        tests: {
          [RESYNC]: [
            'is filled from the history, with one query for all jumps until it is answered',
            'that came after the query was sent is asked for again',
          ],
        },
      },
      {
        id: 'durable:history',
        says: '**The history is read**',
        tests: {
          [RESYNC]: [
            'gives the history first and then what comes live',
            'holds what comes live during a query, and goes live with the answer',
            'shares the turns of the limiter: few queries at once, and every stream filled up',
          ],
        },
      },
      {
        id: 'durable:answers',
        says: '**An answer speaks only for what was known',
        tests: { [RESYNC]: ['asks again when it came back during a query, and an answer from before does not count'] },
      },
      {
        id: 'durable:pages',
        says: '**Bounds and pages.**',
        tests: {
          [RESYNC]: [
            'asks for what comes behind its start, and passes over what is not',
            'is read page by page when it says that more follows',
            'is read until an answer brings nothing new when it does not say',
          ],
        },
      },
      {
        id: 'durable:memory',
        says: '**Memory.**',
        tests: {
          [RESYNC]: [
            'keeps twice its capacity, then leaves the rest in the history and fetches it when there is room',
            'queries nothing before what it kept aside is in the buffer and that is read down to the low-water mark',
          ],
        },
      },
      {
        id: 'durable:failures',
        says: '**Failures.**',
        tests: {
          [RESYNC]: [
            'ends the stream with its error, after what is buffered, when that is final',
            'asks again at once when the query failed with the connection that is back since',
          ],
        },
      },
      {
        id: 'hole:jump',
        says: 'a live number jumps |',
        tests: { [RESYNC]: ['is filled from the history, with one query for all jumps until it is answered'] },
      },
      {
        id: 'hole:lag',
        says: 'the answer lacks an event that is known to exist',
        tests: { [RESYNC]: ['is asked for again when the answer lacks what was seen: it is an old one'] },
      },
      {
        id: 'hole:nothing',
        says: 'the history has no such number, and it was not pushed either',
        tests: { [RESYNC]: ['is no alarm for a reader of content only: one query, no item, no call'] },
      },
      {
        id: 'hole:gap',
        says: 'the loss is certain |',
        tests: { [RESYNC]: ['is a gap when every number is pushed and the history lacks it, asked three times'] },
      },
      {
        id: 'hole:lost-event',
        says: '1. The event was seen and could not be kept',
        tests: { [RESYNC]: ['tells of events that it saw, could not keep, and that the history has lost'] },
      },
      {
        id: 'hole:every-number',
        says: '2. Every number of the dialog is known to be pushed',
        tests: {
          [RESYNC]: [
            'is a gap once an event has proved that every number is pushed, and none before',
            'over a lost connection is no gap: pushes were not to be had',
          ],
        },
      },
      {
        id: 'durable:resync-channel',
        says: '`lp:stream:resync`:',
        tests: { [LIFECYCLE]: ['publishes gaps and resyncs on their diagnostics channels, without content'] },
      },
      {
        id: 'durable:gap-channel',
        says: '`lp:stream:gap`:',
        tests: { [LIFECYCLE]: ['publishes gaps and resyncs on their diagnostics channels, without content'] },
      },
    ],
  },
  'docs/errors.md': {
    sections: ['Every code', '(introduction)', 'Refusals'],
    requirements: [
      {
        id: 'error:config',
        says: '`CONFIG_INVALID`',
        tests: { [CONNECT]: ['names the option that is wrong and what it must be'] },
      },
      {
        id: 'error:not-connected',
        says: '`NOT_CONNECTED`',
        tests: { [REQUESTS]: ['a request that waits past its time was not sent'], [FAULTS]: [NO_LOSS] },
      },
      {
        id: 'error:connection-lost',
        says: '`CONNECTION_LOST`',
        tests: { [REQUESTS]: ['requests that wait are handed back when the transport gives up'] },
      },
      {
        id: 'error:outcome-unknown',
        says: '`OUTCOME_UNKNOWN`',
        tests: { [WORK]: ['without confirmation says that it does not know'] },
      },
      {
        id: 'error:timeout',
        says: '`REQUEST_TIMEOUT`',
        tests: {
          'agent/test/live/requests.test.ts': [
            'gives up on an answer after the time of the call, and with the reason of an aborted signal',
          ],
        },
      },
      {
        id: 'error:rejected',
        says: '`REQUEST_REJECTED`',
        tests: { 'core/test/errors.test.ts': ['carries status, type and the body', 'prints without the body'] },
      },
      {
        id: 'error:closed',
        says: '`CLOSED`',
        tests: { [REQUESTS]: ['a request is refused while draining and after closing'] },
      },
      {
        id: 'error:draining',
        says: '`DRAINING`',
        tests: { [CONNECT]: ['drains: what was received is still handled and answered, nothing new is taken'] },
      },
      {
        id: 'error:slow-consumer',
        says: '`SLOW_CONSUMER`',
        tests: { [CHANNEL]: ['ends with a SlowConsumerError after what is buffered when told to fail'] },
      },
      {
        id: 'error:outbox',
        says: '`OUTBOX_FULL`',
        tests: {
          [CORRELATOR]: ['the outbox is bounded in bytes, and says so'],
          [CONNECT]: ['takes no more requests at once than it may'],
        },
      },
      {
        id: 'error:protocol',
        says: '`PROTOCOL_VIOLATION`',
        tests: { 'agent/test/link/call.test.ts': ['rejects an answer that cannot be one, without its content'] },
      },
      {
        id: 'error:auth',
        says: '`AUTH_FAILED`',
        tests: { [LOGIN]: ['carries the codes of the platform, and how long to wait'], [FAULTS]: [NO_LOSS] },
      },
      {
        id: 'error:credentials',
        says: '`CREDENTIALS_INVALID`',
        tests: { [CONNECT]: ['never tries wrong credentials twice'] },
      },
      {
        id: 'error:session',
        says: '`SESSION_EXPIRED`',
        tests: {
          [SESSIONS]: ['with a bearer of your own says so, and keeps giving it'],
          [DIALS]: ['with 401 asks for a new token once, and a second time is final'],
        },
      },
      {
        id: 'error:look-up',
        says: '`DOMAIN_LOOKUP_FAILED`',
        tests: { [DOMAINS]: ['says that the account is not known: status %d'] },
      },
      {
        id: 'error-field:code',
        says: '`code` | stable',
        tests: {
          [ERRORS]: ['%s is known by its class, its name and its own code'],
          'e2e/test/docs/errors.test.ts': ['has a row for every code, and no other'],
        },
      },
      {
        id: 'error-field:message',
        says: '`message` | a sentence',
        tests: {
          'agent/test/live/requests.test.ts': [
            'tells what to do about a text that is well known, without repeating it',
          ],
        },
      },
      {
        id: 'error-field:retryable',
        says: '`retryable` | whether',
        tests: { [ERRORS]: ['says which failures may pass by themselves'] },
      },
      {
        id: 'error-field:context',
        says: '`context` | facts',
        tests: {
          [ERRORS]: ['keeps the cause and the safe context'],
          [STATUS]: ['no token, body or message text shows anywhere, whatever goes wrong'],
        },
      },
      {
        id: 'error-field:cause',
        says: '`cause` | the error',
        tests: { [ERRORS]: ['keeps the cause and the safe context'] },
      },
      {
        id: 'refusal:400',
        says: '400 | What was asked for',
        tests: {
          'agent/test/live/requests.test.ts': [
            'tells what to do about a text that is well known, without repeating it',
            '%s rejects with the platform\\u2019s refusal',
          ],
        },
      },
      {
        id: 'refusal:401',
        says: '401, 403 |',
        tests: {
          [REST]: ['is rejected when the fresh session is refused too, and does not log in for that again and again'],
        },
      },
      {
        id: 'refusal:404',
        says: '404, 410 |',
        tests: { 'agent/test/rest/history.test.ts': ['is undefined when history does not know it'] },
      },
      {
        id: 'refusal:409',
        says: '409 | Of the agent survey',
        tests: {
          'agent/test/rest/agent-survey.test.ts': [
            'not when the revision is old, and that is told apart',
            'nothing but a refusal by the survey service is an old revision',
          ],
        },
      },
      {
        id: 'refusal:429',
        says: '429 | Too many',
        tests: {
          'agent/test/inbound/mapping/requests.test.ts': ['as does one for too many requests'],
          [FAULTS]: [NO_LOSS],
        },
      },
      { id: 'refusal:5xx', says: "5xx | The platform's own", tests: { [FAULTS]: [NO_LOSS] } },
    ],
  },
  'docs/security.md': {
    sections: ['On the network', 'Threat model', 'What is kept, and where', 'What is shown'],
    others: { 'What you do': 'advice to users' },
    requirements: [
      {
        id: 'network:tls',
        says: 'HTTPS and WSS only',
        tests: {
          'auth/test/tls.test.ts': [
            'sends nothing to a server whose authority is not trusted',
            'sends nothing to a server whose certificate is for another name',
          ],
          [DIALS]: ['is verified: an unknown certificate is refused'],
          [DOMAINS]: ['refuses to be led away from this machine'],
        },
      },
      {
        id: 'network:bounds',
        says: 'Redirects are never followed',
        tests: {
          [HTTP]: [
            'takes every status as an answer, and follows no redirect',
            'refuses an answer that is larger than allowed, and gives up its connection',
          ],
          [FRAMES]: ['that is longer than the bound costs the connection, which is replaced'],
        },
      },
      {
        id: 'network:hosts',
        says: 'Hosts come from the vendor',
        tests: { [DOMAINS]: ['passes over an entry without a usable host, and says so'], [FAULTS]: [NO_LOSS] },
      },
      {
        id: 'network:data',
        says: 'What arrives is data',
        tests: { [FUZZ]: ['are read or reported, and nothing is thrown, polluted, quoted or slow'] },
      },
      {
        id: 'network:simulator',
        says: 'The simulator listens on 127.0.0.1 only',
        tests: { 'simulator/test/start.test.ts': ['gives what an agent needs to connect'] },
      },
      {
        id: 'threat:eavesdropper',
        says: 'reads or changes traffic',
        tests: {
          'auth/test/tls.test.ts': [
            'sends nothing to a server whose authority is not trusted',
            'sends nothing to a server whose certificate is for another name',
            'says so when the server speaks plain HTTP',
          ],
          [DIALS]: [
            'is verified: an unknown certificate is refused',
            'must give a URL that can be used, unlike ${String(url)}',
          ],
        },
      },
      {
        id: 'threat:look-up',
        says: 'answers the look-up in the platform',
        tests: {
          [FAULTS]: [NO_LOSS],
          [DOMAINS]: ['passes over an entry without a usable host, and says so', 'does not take %s for a service'],
        },
      },
      {
        id: 'threat:consumer',
        says: 'writes hostile messages',
        tests: {
          [FUZZ]: [
            'are read or reported, and nothing is thrown, polluted, quoted or slow',
            'cost a live agent neither its connection nor a message in between',
          ],
          'agent/test/inbound/mapping/conversation.test.ts': [
            'not with what every object has, when a role is called like that',
            'not with %j under the key __proto__, which is passed over',
          ],
        },
      },
      {
        id: 'threat:flood',
        says: 'sends more than can be handled',
        tests: {
          [SOAK]: ['stays within the capacity of each stream and is told of', 'is answered in full, once and in order'],
          [FRAMES]: ['that is longer than the bound costs the connection, which is replaced'],
        },
      },
      {
        id: 'threat:ids',
        says: 'chooses ids that reach URLs',
        tests: {
          'reliability/test/injection.test.ts': [
            'stay within their place in the path: %j',
            'are refused or encoded in queries and bodies: %j',
          ],
        },
      },
      {
        id: 'threat:logs',
        says: 'reads logs and crash reports',
        tests: {
          'reliability/test/secrets.test.ts': [
            'shows no secret in its output and its crash report: %s',
            'shows no password that was refused',
          ],
          [CHAOS]: [NO_LOSS_IN_CHAOS],
        },
      },
      {
        id: 'threat:cursors',
        says: 'reads or changes the cursor file',
        tests: {
          [STORES]: [
            'touches no file before it is used, and makes one that only its owner can read',
            'reports lines that were changed and keeps the others',
            'refuses a file that is something else and leaves it as it is',
          ],
        },
      },
      {
        id: 'threat:second-login',
        says: 'logs in with the same user',
        tests: {
          [DIALS]: ['with 401 asks for a new token once, and a second time is final'],
          [SESSIONS]: ['are warned of', 'keeps five seconds between logins, whatever is asked'],
        },
      },
      {
        id: 'threat:dependencies',
        says: 'version of a dependency that turns bad',
        tests: {
          'reliability/test/supply-chain.test.ts': [
            'are the few that are named, and no more',
            'run no script when they are installed',
            'have licences that allow any use',
          ],
        },
      },
      {
        id: 'kept:credentials',
        says: 'credentials | memory of the process',
        tests: {
          'auth/test/secrets.test.ts': ['when credentials or the environment are wrong'],
          [CRASH]: ['shows no password that was refused'],
        },
      },
      {
        id: 'kept:tokens',
        says: 'bearer, csrf, cookies |',
        tests: {
          'auth/test/session.test.ts': ['gives its secrets by name'],
          [CORE]: ['prints as redacted everywhere'],
        },
      },
      {
        id: 'kept:messages',
        says: 'messages | memory, in bounded',
        tests: {
          [SOAK]: ['stays within the capacity of each stream and is told of'],
          'agent/test/live/memory.test.ts': ['is nothing of a message that has been handled'],
        },
      },
      {
        id: 'kept:conversations',
        says: 'the newest state of each conversation |',
        tests: {
          'agent/test/inbound/conversation-store.test.ts': [
            'lets go of closed conversations and of those no subscription covers',
          ],
          'agent/test/live/memory.test.ts': ['is nothing of a conversation that was served and closed'],
        },
      },
      {
        id: 'kept:cursors',
        says: 'numbers of handled messages |',
        tests: { [STORES]: ['touches no file before it is used, and makes one that only its owner can read'] },
      },
      {
        id: 'shown:own-errors',
        says: '`handlerError` and `listenerError` pass on',
        tests: {
          [SERVE]: ['isolates a handler that throws, tells of it, and runs it again'],
          [FRAMES]: ['reaches the other listeners when one throws, which is reported'],
        },
      },
      {
        id: 'shown:body',
        says: '`RequestRejectedError.body`',
        tests: {
          [ERRORS]: ['prints without the body'],
          [CRASH]: ['is not in what is printed of an error that holds the body of a refusal'],
        },
      },
      {
        id: 'shown:token',
        says: '`agent.getBearerToken()`',
        tests: { [CONNECT]: ['logs in again when the token was revoked, and goes on'] },
      },
    ],
  },
  'docs/authentication.md': {
    sections: ['The session', 'Ways to log in', 'Errors', 'Diagnostics'],
    requirements: [
      {
        id: 'session:refresh',
        says: '10 minutes since the last refresh',
        tests: {
          [SESSIONS]: [
            'refreshes every ten minutes with csrf and cookie, through three lives of a session, and logs in once',
          ],
        },
      },
      {
        id: 'session:refresh-401',
        says: 'a refresh answers 401',
        tests: { [SESSIONS]: ['renews a session that the platform no longer knows, and goes on'], [FAULTS]: [NO_LOSS] },
      },
      {
        id: 'session:rest-401',
        says: 'a REST call answers 401',
        tests: {
          [REST]: [
            'that is answered with 401 renews the session once and is repeated once',
            'with a streamed body is not repeated, but can be',
          ],
        },
      },
      {
        id: 'session:refresh-retry',
        says: 'a refresh fails by network',
        tests: {
          [SESSIONS]: ['tries again after 5, 10 and 15 seconds, then after 2, 4 and 8 minutes, when a refresh fails'],
        },
      },
      {
        id: 'session:refresh-refused',
        says: 'a refresh is refused with another 4xx',
        tests: { [SESSIONS]: ['does not hurry a refresh that is refused for good, and keeps the session'] },
      },
      {
        id: 'session:no-csrf',
        says: 'a session without csrf',
        tests: {
          [SESSIONS]: [
            'is renewed a minute before it ends, over and over',
            'that lives for seconds is renewed in its last tenth',
          ],
        },
      },
      {
        id: 'session:run-out',
        says: 'a session has run out',
        tests: {
          [SESSIONS]: ['is due at once after a long sleep, and a session that ran out in it is not given to anyone'],
        },
      },
      {
        id: 'session:renew',
        says: '`renew(reason',
        tests: { [SESSIONS]: ['happens once for all who notice, early or late'] },
      },
      {
        id: 'session:login-retry',
        says: 'a login fails by network',
        tests: {
          [SESSIONS]: ['that fails for the moment leaves the old session in place'],
          [LOGIN]: ['may be tried again when it was cut off, came too late or the other side hung up'],
        },
      },
      {
        id: 'session:login-refused',
        says: 'a login answers any other 4xx',
        tests: {
          [SESSIONS]: ['stops the upkeep of a session that still lives'],
          [CONNECT]: ['never tries wrong credentials twice'],
        },
      },
      {
        id: 'session:blocked',
        says: '451, from look-up',
        tests: { [SESSIONS]: ['is a look-up that says the account is blocked'], [FAULTS]: [NO_LOSS] },
      },
      {
        id: 'login:password',
        says: '`{ username, password }`',
        tests: {
          [LOGIN]: ['sends %s', 'reads what a session needs, and the cookie'],
          'simulator/test/login.test.ts': ['gives the documented answer and a session cookie for the right password'],
        },
      },
      {
        id: 'login:api-key',
        says: '`{ username, appKey',
        tests: {
          'simulator/test/login.test.ts': ['accepts a complete API key, and a SAML assertion'],
          'auth/test/oauth1.test.ts': ['gives a header that anyone with the keys can check'],
        },
      },
      {
        id: 'login:saml',
        says: '`{ assertion }`',
        tests: { 'simulator/test/login.test.ts': ['accepts a complete API key, and a SAML assertion'] },
      },
      {
        id: 'login:bearer',
        says: '`{ token, userId }`',
        tests: {
          [LOGIN]: ['sends nothing with a bearer of your own, whose agent id is not known yet'],
          [FAULTS]: [NO_LOSS],
        },
      },
      {
        id: 'login:provider',
        says: '`{ provider }`',
        tests: {
          [LOGIN]: [
            'is told what it needs, and its session is used',
            'may be asked again when it gives a session that has expired, or fails by itself',
          ],
        },
      },
      {
        id: 'auth-error:config',
        says: '`ConfigError` | an option',
        tests: { [LOGIN]: ['refuses what is no credential before anything is sent'] },
      },
      {
        id: 'auth-error:look-up',
        says: '`DomainLookupError` |',
        tests: { [DOMAINS]: ['says that the account is not known: status %d', 'says the same when the list is empty'] },
      },
      {
        id: 'auth-error:credentials',
        says: '`InvalidCredentialsError` |',
        tests: { [CONNECT]: ['never tries wrong credentials twice'] },
      },
      {
        id: 'auth-error:auth',
        says: '`AuthError` |',
        tests: { [LOGIN]: ['carries the codes of the platform, and how long to wait'] },
      },
      {
        id: 'auth-error:session',
        says: '`SessionExpiredError` |',
        tests: { [SESSIONS]: ['with a bearer of your own says so, and keeps giving it'] },
      },
      {
        id: 'auth-error:connection',
        says: '`NotConnectedError` | the host',
        tests: {
          [HTTP]: [
            'says that nothing answers when the connection is refused',
            'says that the name cannot be resolved when it cannot',
          ],
        },
      },
      {
        id: 'auth-error:unknown',
        says: '`OutcomeUnknownError` | a POST',
        tests: { [HTTP]: ['is not repeatable after its time when it may have had an effect'] },
      },
      {
        id: 'auth-error:timeout',
        says: '`RequestTimeoutError` | no complete',
        tests: { [HTTP]: ['ends after its time, wherever it hangs'] },
      },
      {
        id: 'auth-error:protocol',
        says: '`ProtocolError` | the answer',
        tests: {
          [HTTP]: [
            'that is no JSON is an error without its content',
            'refuses an answer that is larger than allowed, and gives up its connection',
          ],
        },
      },
      {
        id: 'auth-error:rejected',
        says: '`RequestRejectedError` | a REST call',
        tests: { [REST]: ['gives the body of a rejection as text when it is no JSON'] },
      },
      {
        id: 'auth-error:closed',
        says: '`ClosedError` | the client',
        tests: { [HTTP]: ['ends what is under way and refuses what comes after'] },
      },
      {
        id: 'auth-channel:http',
        says: '`lp:auth:http`',
        tests: {
          'reliability/test/channels.test.ts': [
            'tell of each HTTP exchange and each change of the session, by facts alone',
          ],
        },
      },
      {
        id: 'auth-channel:session',
        says: '`lp:auth:session`',
        tests: {
          'reliability/test/channels.test.ts': [
            'tell of each HTTP exchange and each change of the session, by facts alone',
          ],
        },
      },
    ],
  },
  'docs/observability.md': {
    sections: ['Status', '(introduction)', 'Counters', 'Diagnostics channels', 'The log'],
    requirements: [
      {
        id: 'status:connecting',
        says: '`connecting` |',
        tests: { [STATUS]: ['tells a whole life, each event with its time'] },
      },
      {
        id: 'status:connected',
        says: '`connected` |',
        tests: { [STATUS]: ['tells a whole life, each event with its time'] },
      },
      {
        id: 'status:disconnected',
        says: '`disconnected` |',
        tests: { [CONNECT]: ['tells of a lost and a restored connection, and of how long it was away'] },
      },
      {
        id: 'status:reconnecting',
        says: '`reconnecting` |',
        tests: { [DIALS]: ['uses up the attempt budget, which status shows, and rejects with the last failure'] },
      },
      {
        id: 'status:reconnected',
        says: '`reconnected` |',
        tests: { [CONNECT]: ['tells of a lost and a restored connection, and of how long it was away'] },
      },
      {
        id: 'status:invalid-frame',
        says: '`invalidFrame` | a received frame',
        tests: {
          [FRAMES]: ['is told in the log less and less often'],
          [FUZZ]: ['cost a live agent neither its connection nor a message in between'],
        },
      },
      {
        id: 'status:slow-notifications',
        says: '`slowConsumer` | a stream of `notifications()`',
        tests: { [FRAMES]: ['drops its oldest when it is not read, tells once, and keeps to its capacity'] },
      },
      {
        id: 'status:listener-error',
        says: '`listenerError`',
        tests: { [FRAMES]: ['reaches the other listeners when one throws, which is reported'] },
      },
      {
        id: 'status:closed',
        says: '`closed` |',
        tests: { [STATUS]: ['tells a whole life, each event with its time'] },
      },
      {
        id: 'status:session-refreshed',
        says: '`sessionRefreshed`',
        tests: {
          [SESSIONS]: [
            'refreshes every ten minutes with csrf and cookie, through three lives of a session, and logs in once',
          ],
          [SOAK]: ['lose nothing and pile up nothing'],
        },
      },
      {
        id: 'status:session-renewed',
        says: '`sessionRenewed`',
        tests: { [SESSIONS]: ['swaps the token, tells it, and is what the next call gets'] },
      },
      {
        id: 'status:resynced',
        says: '`resynced`',
        tests: {
          'agent/test/dialog/resync-lifecycle.test.ts': [
            'publishes gaps and resyncs on their diagnostics channels, without content',
          ],
        },
      },
      {
        id: 'status:gap',
        says: '`gap`',
        tests: {
          'agent/test/dialog/resync-lifecycle.test.ts': [
            'publishes gaps and resyncs on their diagnostics channels, without content',
          ],
        },
      },
      {
        id: 'status:slow-stream',
        says: "`slowConsumer` | a stream's buffer is full",
        tests: { [SOAK]: ['stays within the capacity of each stream and is told of'] },
      },
      {
        id: 'status:invalid-body',
        says: "`invalidFrame` with `reason: 'body'`",
        tests: { 'agent/test/link/call.test.ts': ['leaves one bad record of a list out, and tells of it'] },
      },
      {
        id: 'status:restore-refused',
        says: '`restoreRefused`',
        tests: {
          'agent/test/link/desired-state.test.ts': [
            'would rather have another connection than a deaf one, and gives up what is refused three times',
          ],
        },
      },
      {
        id: 'status:handler-error',
        says: '`handlerError`',
        tests: { 'agent/test/live/serve.test.ts': ['isolates a handler that throws, tells of it, and runs it again'] },
      },
      {
        id: 'ways:status',
        says: '`status()` | the program',
        tests: { [STATUS]: ['reaches every stream from when it was asked for, and ends them'] },
      },
      {
        id: 'ways:channels',
        says: 'diagnostics channels | metrics',
        tests: { [STATUS]: ['publish status, and requests with type, id, outcome and duration'] },
      },
      {
        id: 'ways:logger',
        says: '`logger` | people',
        tests: { [STATUS]: ['tells what the status tells, by level', 'that throws disturbs nothing'] },
      },
      {
        id: 'counter:in-flight',
        says: '`inFlight`',
        tests: {
          [CORRELATOR]: ['is refused at once when too many are without an answer, or the network takes nothing'],
        },
      },
      {
        id: 'counter:queued',
        says: '`queuedBytes`',
        tests: { [CORRELATOR]: ['the outbox is bounded in bytes, and says so'] },
      },
      {
        id: 'counter:frames',
        says: '`framesSent`, `framesReceived`',
        tests: { 'transport/test/lifecycle.test.ts': ['of twenty thousand requests, one after the other'] },
      },
      {
        id: 'counter:late',
        says: '`lateResponses`',
        tests: { [CORRELATOR]: ['counts answers that are late, repeated or for nobody, and is not disturbed'] },
      },
      {
        id: 'counter:duplicate',
        says: '`duplicateResponses`',
        tests: { [CORRELATOR]: ['counts answers that are late, repeated or for nobody, and is not disturbed'] },
      },
      {
        id: 'counter:unknown',
        says: '`unknownResponses`',
        tests: { [CORRELATOR]: ['counts answers that are late, repeated or for nobody, and is not disturbed'] },
      },
      {
        id: 'counter:invalid',
        says: '`invalidFrames`',
        tests: { [FRAMES]: ['is told in the log less and less often'] },
      },
      {
        id: 'counter:listeners',
        says: '`listenerErrors`',
        tests: { [FRAMES]: ['reaches the other listeners when one throws, which is reported'] },
      },
      {
        id: 'channel:status',
        says: '`lp:transport:status`',
        tests: { [STATUS]: ['publish status, and requests with type, id, outcome and duration'] },
      },
      {
        id: 'channel:start',
        says: '`lp:request:start`',
        tests: { [STATUS]: ['publish status, and requests with type, id, outcome and duration'] },
      },
      {
        id: 'channel:end',
        says: '`lp:request:end`',
        tests: {
          [STATUS]: [
            'publish status, and requests with type, id, outcome and duration',
            'have no duration for a request that began before anyone listened',
          ],
        },
      },
      {
        id: 'channel:error',
        says: '`lp:request:error`',
        tests: { [STATUS]: ['publish status, and requests with type, id, outcome and duration'] },
      },
      {
        id: 'log:debug',
        says: '`debug` | `connecting`',
        tests: { [STATUS]: ['tells what the status tells, by level'] },
      },
      { id: 'log:info', says: '`info` | `connected`', tests: { [STATUS]: ['tells what the status tells, by level'] } },
      {
        id: 'log:warn',
        says: '`warn` | `disconnected`',
        tests: {
          [STATUS]: ['tells what the status tells, by level'],
          [FRAMES]: ['is told in the log less and less often'],
        },
      },
      {
        id: 'log:error',
        says: '`error` | `listenerError`',
        tests: { [STATUS]: ['tells what the status tells, by level'] },
      },
    ],
  },
  'docs/getting-started.md': {
    sections: ['The first bot'],
    others: { 'What you need of an account': 'conditions of the platform', 'From here': 'links' },
    requirements: [
      {
        id: 'first:connect',
        says: '`connectAgent` looks up',
        tests: {
          [CONNECT]: [
            'has had a request answered on the socket when it resolves',
            'never tries wrong credentials twice',
          ],
        },
      },
      {
        id: 'first:state',
        says: '`setAgentState` makes',
        tests: { [CONNECT]: ['restores its state and its subscriptions after a reconnect'] },
      },
      {
        id: 'first:serve',
        says: '`serve` accepts',
        tests: {
          [SERVE]: [
            'accepts a ring and hands the conversation to the handler',
            'serves the conversations that were assigned before it began',
            'runs many conversations side by side, each in order',
          ],
        },
      },
      {
        id: 'first:messages',
        says: '`messages()` gives',
        tests: {
          [CONVERSATION]: [
            'gives what was said before and after it is read, in order, each once',
            'leaves out what this agent says, unless all is asked for',
            'ends when the consumer has closed, after the last message',
          ],
        },
      },
      {
        id: 'first:read',
        says: '`markRead` tells',
        tests: { [CONVERSATION]: ['without any memory of its own leaves out what this agent has marked as read'] },
      },
      {
        id: 'first:stop',
        says: '`stopSignal()` is aborted',
        tests: {
          'agent/test/work/stop-signal.test.ts': ['is aborted when the process is asked to end, and listens no more'],
          'e2e/test/echo-bot.test.ts': ['answers a consumer and ends cleanly when told to stop'],
        },
      },
    ],
  },
  'docs/testing-your-bot.md': {
    sections: ['Waiting without sleeping'],
    requirements: [
      {
        id: 'wait:answer',
        says: "the bot's answer",
        tests: {
          'simulator/test/simulated-consumer.test.ts': [
            'gives each message of somebody else once, in order, whenever it is asked for',
          ],
        },
      },
      {
        id: 'wait:event',
        says: 'a read mark, a typing state',
        tests: {
          'simulator/test/simulated-consumer.test.ts': ['types, and marks as arrived and as read what others said'],
        },
      },
      {
        id: 'wait:request',
        says: 'a request of the bot',
        tests: {
          'simulator/test/journal.test.ts': ['waits for one that fits, and passes over those before a given one'],
        },
      },
      {
        id: 'wait:client',
        says: 'the bot to be connected',
        tests: { 'simulator/test/journal.test.ts': ['finds an open socket, or the next one of an agent'] },
      },
      {
        id: 'wait:end',
        says: 'the end of the conversation',
        tests: { 'simulator/test/simulated-consumer.test.ts': ['is rated and closed'] },
      },
      {
        id: 'wait:status',
        says: "the bot's own view",
        tests: { [CONNECT]: ['tells of a lost and a restored connection, and of how long it was away'] },
      },
    ],
  },
  'docs/simulator.md': simulator,
};
