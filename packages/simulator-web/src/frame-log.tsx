import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FrameView } from '../../simulator/src/web/page-api.ts';
import { count, exactTime } from './format.ts';

const MAX_ROWS = 300;
const NEAR_END_PX = 80;
const DIRECTIONS = { both: 'In and out', in: 'From clients', out: 'To clients' } as const;

/** Every frame of the sockets as it passes, the newest at the end. */
export function FrameLog({ frames }: { readonly frames: readonly FrameView[] }): JSX.Element {
  const [filter, setFilter] = useState('');
  const [direction, setDirection] = useState<keyof typeof DIRECTIONS>('both');
  const [held, setHeld] = useState<readonly FrameView[] | undefined>();
  const [after, setAfter] = useState(0);
  const [opened, setOpened] = useState<number | undefined>();
  const scroller = useRef<HTMLUListElement>(null);
  const follows = useRef(true);
  const source = held ?? frames;
  const shown = useMemo(() => {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    return source
      .filter((frame) => frame.number > after && (direction === 'both' || frame.direction === direction))
      .filter((frame) => words.every((word) => searchable(frame).includes(word)))
      .slice(-MAX_ROWS);
  }, [source, filter, direction, after]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [shown]);

  return (
    <div class="frames">
      <div class="frame-tools">
        <label class="grow">
          <span class="hidden">Filter frames</span>
          <input
            type="search"
            placeholder="Filter by type, client, code or text"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
        </label>
        <label>
          <span class="hidden">Direction</span>
          <select
            value={direction}
            onChange={({ currentTarget }) => setDirection(currentTarget.value as keyof typeof DIRECTIONS)}
          >
            {Object.entries(DIRECTIONS).map(([value, label]) => (
              <option value={value}>{label}</option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="small"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held ? undefined : frames)}
        >
          {held ? 'Resume' : 'Pause'}
        </button>
        <button type="button" class="small" onClick={() => setAfter(frames.at(-1)?.number ?? 0)}>
          Clear
        </button>
      </div>
      <ul
        class="frame-rows"
        ref={scroller}
        aria-label="Frames"
        onScroll={({ currentTarget: at }) => {
          follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX;
        }}
      >
        {shown.map((frame) => (
          <Row
            key={frame.number}
            frame={frame}
            open={frame.number === opened}
            toggle={() => setOpened(frame.number === opened ? undefined : frame.number)}
          />
        ))}
      </ul>
      <p class="frame-count" role="status">
        {shown.length === MAX_ROWS ? `The last ${MAX_ROWS} that fit` : count(shown.length, 'frame')}
        {held && ' · paused'}
      </p>
    </div>
  );
}

function Row({
  frame,
  open,
  toggle,
}: {
  readonly frame: FrameView;
  readonly open: boolean;
  readonly toggle: () => void;
}): JSX.Element {
  const { at, direction, client, type, about, code, text, length } = frame;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const failed = code !== undefined && code >= 400;
  return (
    <li ref={row} class={`frame ${direction} ${failed ? 'failed' : ''}`}>
      <button type="button" aria-expanded={open} onClick={toggle}>
        <span class="frame-arrow" title={direction === 'in' ? `from ${client}` : `to ${client}`}>
          {direction === 'in' ? '→' : '←'}
        </span>
        <span class="frame-type">
          {type}
          {code !== undefined && <em>{code}</em>}
        </span>
        <span class="frame-about">{about}</span>
        <span class="frame-at">
          {exactTime(at)} · {client}
        </span>
      </button>
      {open && <pre>{pretty(text, length)}</pre>}
    </li>
  );
}

function searchable({ type, client, text, code }: FrameView): string {
  return `${type} ${client} ${code ?? ''} ${text}`.toLowerCase();
}

function pretty(text: string, length: number): string {
  if (text.length < length) return `${text}… (${length.toLocaleString()} characters)`;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
