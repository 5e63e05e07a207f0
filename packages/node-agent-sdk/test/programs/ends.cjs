'use strict';

// Nothing but a connection, without a listener for errors: how does the process end?
const { Agent } = require('node-agent-sdk');

const { LP_ACCOUNT: accountId, LP_USER: username, LP_PASS: password, LP_CSDS: csdsDomain, MODE } = process.env;
const agent = new Agent({ accountId, username, password, csdsDomain });
agent.on('connected', () => {
  console.log('connected');
  if (MODE === 'dispose') agent.dispose();
  if (MODE !== 'throw') return;
  process.on('uncaughtException', (error) => console.log('uncaught', error.message));
  agent.on('.GetClock$Response', () => {
    throw new Error('from a listener');
  });
  agent.getClock({}, () => {
    throw new Error('from a callback');
  });
  agent.getClock({}, () => {
    console.log('the next one came');
    agent.dispose();
  });
});
if (MODE === 'handled') agent.on('error', (error) => console.log('error', error.message));
