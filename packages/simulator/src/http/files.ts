import { perform } from '../handlers/perform.ts';
import { MAX_FILE_BYTES } from '../platform/files.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestName } from '../wire.ts';
import { callerOf } from './authorization.ts';
import { type Exchange, jsonBody, send, sendJson } from './exchange.ts';

/** A signed path to put a file at. */
export const uploadPath = (exchange: Exchange, platform: Platform): void =>
  signedPath(exchange, platform, 'GenerateURLForUploadFile');

/** A signed path to get a file from. */
export const downloadPath = (exchange: Exchange, platform: Platform): void =>
  signedPath(exchange, platform, 'GenerateURLForDownloadFile');

function signedPath(exchange: Exchange, platform: Platform, name: RequestName): void {
  const caller = callerOf(exchange, platform);
  if (!caller) throw new Refusal(401, 'The token is not valid');
  return sendJson(exchange.response, 200, perform(platform, caller, name, jsonBody(exchange)));
}

/** Takes or gives a file under a signed path. */
export function storage({ request, response, url, body }: Exchange, platform: Platform): void {
  const { searchParams } = url;
  const path = decodeURIComponent(url.pathname);
  const method = request.method ?? '';
  if (!platform.files.allows(method, path, searchParams.get('temp_url_sig'), searchParams.get('temp_url_expires'))) {
    return send(response, 401, '401 Unauthorized: Temp URL invalid');
  }
  if (method === 'PUT') {
    if (body.length > MAX_FILE_BYTES) throw new Refusal(400, 'File is too large');
    platform.files.put(path, body);
    return send(response, 201);
  }
  const content = platform.files.get(path);
  return content ? send(response, 200, content) : send(response, 404, 'Not found');
}
