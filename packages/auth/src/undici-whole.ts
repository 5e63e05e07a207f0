/** undici as it is published, in a module of its own: a CommonJS build has to `require` it. */
export { Agent } from 'undici';
