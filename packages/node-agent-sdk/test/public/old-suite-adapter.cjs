'use strict';

// Loaded before the old SDK's own tests. These stub its inner units and drive its public behaviour: here the stubs stand behind
// what the replacement is built on, and the replacement is found where they look for the old class.
const Module = require('node:module');
const path = require('node:path');

const home = process.env.LP_SHIM;
const fromShim = Module.createRequire(path.join(home, 'dist/index.cjs'));
const [auth, transport, core] = ['@lp/auth', '@lp/transport', '@lp/core'].map((name) => fromShim(name));
const { _load } = Module;
// The tests load everything anew: its errors are those of the copy that they have loaded.
const errors = () => _load(path.join(home, 'dist/index.cjs'), module);
const stub = (name) => Module._load(name, module);
const calling = (start) => new Promise((resolve) => start((error, ...results) => resolve([error, ...results])));
const fail = ({ message, code = null }, service) => {
  throw new (errors().SDKError)(message, code, service);
};

function createDomainResolver() {
  let known;
  const all = async ({ refresh = false } = {}) => {
    if (known && !refresh) return known;
    const [error, response, body] = await calling((done) => stub('request')({ json: true }, done));
    const failure = stub('./ExternalServices').compileError(
      'Error on CSDS request',
      error,
      response,
      body,
      'domainNames',
    );
    if (failure) fail(failure, 'domainNames');
    if (!body) fail({ message: 'could not fetch domains' }, 'domainNames');
    known = Object.fromEntries(body.baseURIs.map(({ service, baseURI }) => [service, baseURI]));
    return known;
  };
  return { all, peek: () => known, resolve: async () => 'some-domain' };
}

async function login({ credentials }) {
  if (credentials.token) return { bearer: credentials.token, userId: credentials.userId };
  const [error, { bearer, csrf, config = {} } = {}] = await calling((done) =>
    stub('./ExternalServices').login({}, done),
  );
  if (error) fail(error, 'authentication.login');
  if (!config.userId) fail({ message: 'invalid login state, userId is undefined' }, 'authentication.login');
  return { bearer, csrf, userId: config.userId, agentId: config.userPid };
}

function createSessionManager({ credentials }) {
  const listeners = new Set();
  const tell = (event) => listeners.forEach((listener) => listener(event));
  const manager = {
    current: undefined,
    session: async () => (manager.current ??= await credentials.provider({})),
    async renew(reason) {
      manager.current = await credentials.provider({});
      tell({ type: 'sessionRenewed', reason });
      return manager.current;
    },
    async refresh() {
      const [error] = await calling((done) => stub('./ExternalServices').refreshSession({}, done));
      if (!error) {
        tell({ type: 'sessionRefreshed' });
        return;
      }
      if (error.code === 401) {
        await manager.renew('refresh responded with 401');
        return;
      }
      const failure = new (errors().SDKError)(error.message, null, 'authentication.refreshSession');
      tell({ type: 'sessionFailed', reason: 'refresh', error: failure });
      throw failure;
    },
    onChange: (listener) => listeners.add(listener),
    status: () => ({ state: 'ready', tokenAgeMs: 0 }),
    close: async () => undefined,
  };
  return manager;
}

/** The connection that was made last: what a test emits on `agent.transport` has come in on it. */
let latest;

function createTransport({ url, requestTimeoutMs }) {
  const Transport = stub('./Transport');
  const waiting = new Map();
  const heard = { status: () => undefined, notification: () => undefined };
  let socket;
  const made = {
    state: 'connected',
    async connect() {
      try {
        await url({ reason: 'connect', attempt: 1 });
        socket = new Transport({});
        socket.on('open', () => heard.status({ type: 'connected' }));
      } catch (error) {
        heard.status({ type: 'closed', error });
      }
    },
    request(frame, { id, onResponse }) {
      // What the replacement asks for itself is no business of these tests.
      if (!id) return Promise.reject(new Error('not asked'));
      socket.send({ kind: 'req', id, ...frame });
      waiting.set(id, onResponse);
      return new Promise((_, reject) =>
        setTimeout(() => reject(new core.RequestTimeoutError('no response came')), requestTimeoutMs ?? 10_000).unref(),
      );
    },
    receive(frame) {
      if (frame.kind === 'notification') heard.notification(frame);
      else waiting.get(frame.reqId)?.(frame);
    },
    onStatus: (listener) => (heard.status = listener),
    onNotification: (listener) => (heard.notification = listener),
    reconnect: async () => socket.reconnect(),
    terminate: () => socket?.close(),
  };
  latest = made;
  return made;
}

const replaced = {
  '@lp/auth': { ...auth, createDomainResolver, createSessionManager, login },
  '@lp/transport': { ...transport, createTransport },
};
Module._load = (name, parent, ...rest) => {
  if (parent?.filename.startsWith(path.join(home, 'dist')) && replaced[name]) return replaced[name];
  if (!name.endsWith('lib/AgentSDK')) return _load(name, parent, ...rest);
  const Fresh = _load(path.join(home, 'dist/agent-sdk.cjs'), module);
  return class extends Fresh {
    constructor(conf) {
      super(conf);
      this.transport.on('message', (frame) => latest.receive(frame));
    }
  };
};
