import { getProxyForUrl } from 'proxy-from-env';

/** The proxy that the environment names for a URL, as curl reads it; empty: none. */
export function envProxyFor(url: string): string {
  if (isWithinException(new URL(url))) return '';
  const proxy = getProxyForUrl(url);
  // Where a variable names a host alone, that is a proxy spoken to in clear: the package would take the scheme of the URL.
  const bare = proxy.replace(/^https?:\/\//, '');
  const isBare = Object.entries(process.env).some(([name, value]) => /_proxy$/i.test(name) && value === bare);
  return isBare ? `http://${bare}` : proxy;
}

/** Whether NO_PROXY names a domain above the host. The package knows this only of names with a dot or star in front. */
function isWithinException({ hostname, port, protocol }: URL): boolean {
  const exceptions = process.env['no_proxy'] || process.env['NO_PROXY'] || '';
  const reached = port === '' ? { 'http:': '80', 'https:': '443' }[protocol] : port;
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [name = '', only = reached] = entry.split(':');
      return name !== '' && only === reached && hostname.endsWith(`.${name}`);
    });
}
