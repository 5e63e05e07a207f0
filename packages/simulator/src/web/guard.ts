import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether the request names this machine: a page elsewhere can make its own name lead here, but not change the name. */
export function isLoopback(request: IncomingMessage): boolean {
  try {
    return LOOPBACK.has(new URL(`http://${request.headers.host ?? ''}`).hostname);
  } catch {
    return false;
  }
}

/** Whether a page of this very server sent the request. Browsers say where it comes from; who does not say is refused. */
export function isSameOrigin(request: IncomingMessage, scheme: 'http' | 'https'): boolean {
  return request.headers.origin === `${scheme}://${request.headers.host ?? ''}`;
}

/** What a browser may do with anything the page's server sends: nothing from elsewhere runs, and nothing is embedded. */
export function securityHeaders(request: IncomingMessage): Record<string, string> {
  const { host = '' } = request.headers;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Images in structured content live where the bot's author keeps them.
    "img-src 'self' data: https:",
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  };
}
