import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { tarballs } from './project.ts';

/** A registry on this machine that has the tarballs and nothing else, for names of the scope @lp. */
export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
}

export async function startRegistry(): Promise<LocalRegistry> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const content = async (): Promise<Uint8Array | string | undefined> => {
      const file = tarballs.get(path.replace(/\.tgz$/, ''));
      if (file === undefined) return undefined;
      return path.endsWith('.tgz') ? readFile(file) : packument(path, file, `${url}${path}.tgz`);
    };
    content().then(
      (body) => response.writeHead(body === undefined ? 404 : 200).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a registry says of a package. */
async function packument(name: string, file: string, tarball: string): Promise<string> {
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', file, 'package/package.json']);
  const manifest = JSON.parse(stdout) as { version: string };
  const { version } = manifest;
  return JSON.stringify({
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball } } },
  });
}
