import type { ComponentChildren, JSX } from 'preact';
import { safeUrl } from './format.ts';

const ADDRESS = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/;

/** A text as it was written; addresses in it can be opened. */
export function Text({ text }: { readonly text: string }): JSX.Element {
  return (
    <span class="text">
      {text.split(ADDRESS).map((part, i) => {
        const url = i % 2 === 1 ? safeUrl(part) : undefined;
        return url === undefined ? part : <Outside url={url}>{part}</Outside>;
      })}
    </span>
  );
}

/** A link that leaves the page, which learns nothing of where it came from. */
export function Outside(props: {
  readonly url: string;
  readonly class?: string;
  readonly title?: string | undefined;
  readonly onClick?: (() => void) | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { url, children, ...rest } = props;
  return (
    <a {...rest} href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
