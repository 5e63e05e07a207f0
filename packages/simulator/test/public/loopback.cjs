'use strict';

// Keeps a program on this machine: whatever host it names is the simulator, by TLS, or, where it names one without, the pipe
// before it. Loaded before programs; nothing of them is changed.
const net = require('node:net');
const tls = require('node:tls');

const { SIMULATOR_PORT, PIPE_PORT } = process.env;
const isHere = (host) => host === undefined || host === 'localhost' || host === '127.0.0.1';
const leading = (connect, there) => {
  return (...given) => {
    const [options, ...rest] = given;
    if (typeof options !== 'object' || isHere(options.host)) return connect(...given);
    return connect({ ...options, ...there }, ...rest);
  };
};
tls.connect = leading(tls.connect, { host: 'localhost', servername: 'localhost', port: Number(SIMULATOR_PORT) });
for (const name of ['connect', 'createConnection']) {
  net[name] = leading(net[name], { host: '127.0.0.1', port: Number(PIPE_PORT) });
}
