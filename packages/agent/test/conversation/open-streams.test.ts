import { describe, expect, it } from '@jest/globals';
import { createChannel } from '@lp/core/internal';
import { OpenStreams } from '../../src/conversation/open-streams.ts';

describe('the streams of a handler', () => {
  it('are all ended with it', () => {
    const streams = new OpenStreams();
    const channels = Array.from({ length: 20 }, () => createChannel<number>());
    for (const [index, channel] of channels.entries()) {
      streams.add(channel.stream);
      if (index % 2 === 0) channel.end();
    }
    streams.close();
    expect(channels.map(({ open }) => open)).toEqual(channels.map(() => false));
  });

  it('hold no stream that was left, however many are opened one after the other', () => {
    const streams = new OpenStreams();
    let closed = 0;
    for (let count = 0; count < 100; count++) {
      const { stream } = createChannel<number>();
      const close = stream.close.bind(stream);
      stream.close = () => {
        closed++;
        close();
      };
      streams.add(stream);
      close();
    }
    streams.close();
    expect(closed).toBeLessThanOrEqual(8);
  });
});
