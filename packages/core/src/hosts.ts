const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})(?::\d+)?$/i;

/** True for a host of this machine: 127.0.0.0/8, [::1] and localhost, with or without a port. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
