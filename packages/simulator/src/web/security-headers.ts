import type { IncomingMessage } from 'node:http';

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
