import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatLog, type LogRecord, parseLog } from '../../src/cursors/cursor-log.ts';

const HEADER = 'lp-cursors 1\n';
const records = fc.array(
  fc.oneof(
    fc.tuple(fc.string({ unit: 'binary' }), fc.option(fc.maxSafeNat(), { nil: null })),
    fc.tuple(fc.constant(null), fc.string()),
  ) as fc.Arbitrary<LogRecord<number>>,
  { maxLength: 20 },
);

describe('the cursor log', () => {
  it('reads back what was written, whatever the dialog ids hold', () => {
    fc.assert(
      fc.property(records, (written) => {
        expect(parseLog(formatLog(written, HEADER), HEADER)).toEqual({
          records: written,
          torn: false,
          corruptLines: 0,
        });
      }),
    );
  });

  it('gives every whole line of a log that was cut off anywhere, and says when a line was cut', () => {
    const written: LogRecord<number>[] = [
      ['a', 1],
      ['b', null],
      [null, 'owner'],
      ['c', 12],
    ];
    const text = formatLog(written, HEADER);
    for (let length = 0; length <= text.length; length++) {
      const cut = text.slice(0, length);
      const wholeLines = Math.max(0, cut.split('\n').length - 2);
      const atLineEnd = cut === '' || cut.endsWith('\n');
      expect(parseLog(cut, HEADER)).toEqual({
        records: written.slice(0, wholeLines),
        torn: !atLineEnd,
        corruptLines: 0,
      });
    }
  });

  it('leaves out a line with a changed character and counts it', () => {
    const text = formatLog(
      [
        ['first', 1],
        ['second', 2],
        ['third', 3],
      ],
      HEADER,
    );
    const position = text.indexOf('second');
    const changed = `${text.slice(0, position)}S${text.slice(position + 1)}`;
    expect(parseLog(changed, HEADER)).toEqual({
      records: [
        ['first', 1],
        ['third', 3],
      ],
      torn: false,
      corruptLines: 1,
    });
  });

  it('refuses text that is no cursor log', () => {
    expect(parseLog('{"cursors":{}}', HEADER)).toBeUndefined();
    expect(parseLog('lp-cursors 2\n', HEADER)).toBeUndefined();
  });
});
