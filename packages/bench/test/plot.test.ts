import { describe, expect, it } from '@jest/globals';
import { drawBars } from '../src/plot.ts';
import { plotsOf } from '../src/plots.ts';
import { conclude } from '../src/results.ts';

const widths = (svg: string) =>
  [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map((match) => Number(match[1]));

describe('a plot', () => {
  const svg = drawBars({
    title: 'a < b & c',
    unit: 'µs',
    groups: [
      {
        title: 'work',
        bars: [
          { label: 'one', value: 10, low: 9, high: 20 },
          { label: 'two', value: 20, low: 20, high: 20 },
        ],
      },
    ],
  });

  it('draws bars in proportion', () => {
    const [one = 0, two = 0] = widths(svg);
    expect(two / one).toBeCloseTo(2, 1);
  });

  it('has room for the longest label', () => {
    const bars = [{ label: 'a label of thirty-two characters', value: 1, low: 1, high: 1 }];
    const [, end] =
      /<text x="(\d+)" [^>]*text-anchor="end"/.exec(drawBars({ title: '', unit: '', groups: [{ title: '', bars }] })) ??
      [];
    expect(Number(end)).toBeGreaterThan(32 * 7);
  });

  it('is well-formed whatever the names hold', () => {
    expect(svg).toContain('a &lt; b &amp; c (µs)');
    expect(svg).toMatch(/^<svg [^>]*>[\s\S]*<\/svg>\n$/);
  });

  it('is made of the rows that belong to it', () => {
    const shows = { cpuUs: 'µs', perSecond: 'per second' };
    const row = { title: 'work', subjects: ['sdk'], task: undefined, rounds: 1, shows, targets: [] } as const;
    const measured = { sdk: [{ cpuUs: 5, perSecond: 100 }] };
    const rows = ['messages-1', 'getClock-64', 'echo-100'].map((id) => conclude({ ...row, id }, measured));
    const plots = plotsOf(rows);
    expect(Object.keys(plots)).toEqual(['receiving.svg', 'requests.svg', 'echo.svg']);
    for (const plot of Object.values(plots)) expect(widths(plot)).toHaveLength(1);
  });
});
