// What is done in one way under Node, and in another or not at all in a page: see platform.browser.ts.
export { createExchanger, readCookie } from './exchanger.ts';
export { OAuth1Signer } from './oauth1-signer.ts';
export { parseProxy, socketAgent } from './proxy.ts';
export { publicHosts } from './public-hosts.ts';
/** True in a page, whose user can read all that the program knows. */
export const isBrowser: boolean = false;
