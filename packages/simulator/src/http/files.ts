import { MAX_FILE_BYTES } from '../platform/files.ts';
import type { Platform } from '../platform/platform.ts';
import { type Exchange, send, sendError } from './exchange.ts';

/** Takes or gives a file under a signed path. */
export function storage({ request, response, url, body }: Exchange, platform: Platform): void {
  const { searchParams } = url;
  const path = decodeURIComponent(url.pathname);
  const method = request.method ?? '';
  if (!platform.files.allows(method, path, searchParams.get('temp_url_sig'), searchParams.get('temp_url_expires'))) {
    return send(response, 401, '401 Unauthorized: Temp URL invalid');
  }
  if (method === 'PUT') {
    if (body.length > MAX_FILE_BYTES) return sendError(response, 400, 'File is too large');
    platform.files.put(path, body);
    return send(response, 201);
  }
  const content = platform.files.get(path);
  return content ? send(response, 200, content) : send(response, 404, 'Not found');
}
