import { expect, it } from '@jest/globals';
import { decodeFrame } from '@lp/schemas';
import { statusOf } from '../../../transport/src/codec.ts';

// Two packages that do not know each other: one depends on zod alone, the other on no schema.
it.each([200, 404, '200', '429', 'OK', 'ok', '2000', '0x190', ' 200', '', true, undefined, null, {}, [200]])(
  'the code %p of a response is one status for the schemas and for the transport',
  (code) => {
    expect(decodeFrame({ kind: 'resp', reqId: '1', type: 'x', code })).toMatchObject({ code: statusOf(code) });
  },
);
