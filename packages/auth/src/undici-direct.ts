import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';

/** undici's pools and its `request` alone, in a module of their own: a CommonJS build has to `require` them. */
export const parts = { Agent, request };
