import type { JSX } from 'preact';

const PATHS = {
  back: 'M15 5l-7 7 7 7',
  bolt: 'M13 3L5 14h6l-1 7 8-11h-6z',
  check: 'M5 12.5l4.500 4.500L19 7.500',
  checks: 'M2 12.500l4.500 4.500L16 7.500M10.500 16l1 1L21 7.500',
  close: 'M6 6l12 12M18 6L6 18',
  code: 'M8 7l-5 5 5 5M16 7l5 5-5 5',
  file: 'M7 3h7l5 5v13H7zM14 3v5h5',
  link: 'M14 5h5v5M19 5l-8 8M17 14v5H5V7h5',
  lock: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3',
  plus: 'M12 5v14M5 12h14',
  rows: 'M4 6h16M4 12h16M4 18h10',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14M16 16l4.500 4.500',
  send: 'M4 12l16-8-6 16-3-6z',
  stop: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18M8 12h8',
} as const;

/** A drawing beside a text that says the same; not for screen readers. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
