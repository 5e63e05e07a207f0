'use strict';

// Keeps a program on this machine: a host that it names itself is the simulator, and an account without a domain to look up
// hosts at has the simulator's. Loaded before programs; nothing of them is changed.
const Module = require('node:module');
const tls = require('node:tls');

const { LP_CSDS } = process.env;
const { connect } = tls;
tls.connect = (...given) => {
  const [options, ...rest] = given;
  if (typeof options !== 'object' || options.host === 'localhost') return connect(...given);
  return connect(
    { ...options, host: 'localhost', servername: 'localhost', port: Number(LP_CSDS.split(':')[1]) },
    ...rest,
  );
};

const { _load } = Module;
Module._load = (name, ...rest) => {
  const found = _load(name, ...rest);
  if (name !== 'node-agent-sdk') return found;
  class Agent extends found.Agent {
    constructor(conf) {
      if (!Object.hasOwn(conf, 'csdsDomain')) conf.csdsDomain = LP_CSDS;
      super(conf);
    }
  }
  return { ...found, Agent };
};
