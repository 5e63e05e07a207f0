import { getProxyForUrl } from 'proxy-from-env';

/** The proxy that the environment names for a URL, as curl reads it; empty: none. */
export function envProxyFor(url: string): string {
  const target = new URL(url);
  if (isSwitchedOff(target) || isWithinException(target)) return '';
  const proxy = getProxyForUrl(url);
  // Where a variable names a host alone, that is a proxy spoken to in clear: the package would take the scheme of the URL.
  const bare = proxy.replace(/^https?:\/\//, '');
  const isBare = Object.entries(process.env).some(([name, value]) => /_proxy$/i.test(name) && value === bare);
  return isBare ? `http://${bare}` : proxy;
}

/** Whether the first variable that is set, in the order in which they are read, is empty. */
function isSwitchedOff({ protocol }: URL): boolean {
  const own = protocol.replace(':', '_proxy');
  const first = [own, own.toUpperCase(), 'all_proxy', 'ALL_PROXY'].find((name) => process.env[name] !== undefined);
  return first !== undefined && process.env[first] === '';
}

/** Whether NO_PROXY names the host or a domain above it. The package knows neither IPv6 nor the dot that ends a whole name. */
function isWithinException({ hostname, port, protocol }: URL): boolean {
  const exceptions = process.env['no_proxy'] || process.env['NO_PROXY'] || '';
  const reached = port === '' ? { 'http:': '80', 'https:': '443' }[protocol] : port;
  const host = bareName(hostname);
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      // An IPv6 address has colons of its own: its port stands behind brackets.
      const { named, only = reached } = /^(?<named>\[.*\]|[^:]*):(?<only>\d+)$/.exec(entry)?.groups ?? { named: entry };
      const name = bareName(named ?? '');
      return name !== '' && only === reached && (host === name || host.endsWith(`.${name}`));
    });
}

const bareName = (name: string): string => name.replace(/^(?:\*?\.|\[)/, '').replace(/[.\]]$/, '');
