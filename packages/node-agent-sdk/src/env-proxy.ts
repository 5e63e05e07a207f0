/**
 * The proxy that the environment names for an address of https, as the old SDK's client read it: HTTPS_PROXY, else
 * HTTP_PROXY, in capitals first; NO_PROXY is `*`, or the ends of hosts, with ports where only those are meant.
 * Undefined: none. ALL_PROXY has no say.
 */
export function proxyFor(origin: string): string | undefined {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy, NO_PROXY, no_proxy } = process.env;
  const proxy = HTTPS_PROXY || https_proxy || HTTP_PROXY || http_proxy;
  if (!proxy || isExcepted(new URL(origin), NO_PROXY || no_proxy || '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isExcepted({ hostname, port }: URL, exceptions: string): boolean {
  if (exceptions === '*') return true;
  return exceptions
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim().split(':'))
    .some(([name = '', only]) => {
      const end = name.replace(/^\.*/, '.');
      return `.${hostname}`.endsWith(end) && end !== '.' && (only === undefined || only === (port || '443'));
    });
}
