/** A group of bars that belong together, in one unit. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly {
    readonly label: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly groups: readonly BarGroup[];
}

const WIDTH = 760;
// A little more than a letter of the font takes.
const LETTER = 7.5;
const VALUE = 90;
const BAR = 18;
const GAP = 6;
const COLOURS: Readonly<Record<string, string>> = {
  ws: '#c9ced6',
  'ws + JSON.parse': '#8d99a8',
  'ws + JSON.parse, handed on': '#5c6775',
  'node-agent-sdk': '#d98b4a',
  'node-agent-sdk, mended': '#e8bd94',
  '@lp/agent, not awaited': '#8fb4dc',
  '@lp/agent': '#2f6fb2',
};

/** Draws bars with their spread as SVG that needs nothing else. */
export function drawBars({ title, unit, groups }: Plot): string {
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ high }) => high)));
  const letters = Math.max(...groups.flatMap(({ bars }) => bars.map(({ label }) => label.length)));
  const labels = Math.ceil(letters * LETTER);
  const scale = (WIDTH - labels - VALUE) / longest;
  const parts: string[] = [];
  let y = 34;
  for (const group of groups) {
    parts.push(`<text x="0" y="${y + 14}" font-weight="600">${escape(group.title)}</text>`);
    y += 24;
    for (const { label, value, low, high } of group.bars) {
      const middle = y + BAR / 2;
      const at = (figure: number) => (labels + figure * scale).toFixed(1);
      parts.push(
        `<text x="${labels - 8}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
        `<rect x="${labels}" y="${y}" width="${(value * scale).toFixed(1)}" height="${BAR}" fill="${COLOURS[label] ?? '#777'}"/>`,
        `<path d="M${at(low)} ${middle}H${at(high)}" stroke="#222" stroke-width="1.5"/>`,
        `<text x="${Number(at(high)) + 8}" y="${middle + 4}">${Number(value.toPrecision(3)).toLocaleString('en')}</text>`,
      );
      y += BAR + GAP;
    }
    y += 8;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12" fill="#222">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`,
    `<text x="0" y="18" font-size="15" font-weight="600">${escape(title)} (${escape(unit)})</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
