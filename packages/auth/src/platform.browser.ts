// No Node.js built-in, and no package that needs one, is imported from here.
export { createExchanger, readCookie } from './exchanger.browser.ts';
export { OAuth1Signer } from './oauth1-signer.browser.ts';
export { parseProxy, socketAgent } from './proxy.browser.ts';
/** A browser finds the addresses itself, and shows them to no page. */
export const publicHosts = (): undefined => undefined;
/** True in a page, whose user can read all that the program knows. */
export const isBrowser: boolean = true;
