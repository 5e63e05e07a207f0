import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { safeUrl } from './format.ts';
import { Icon } from './icons.tsx';
import { Outside } from './text.tsx';

export type Element = Readonly<Record<string, unknown>>;

/** What the consumer can do with structured content. */
export interface Pressing {
  /** Presses the element at the path. */
  press(path: string): void;
  say(text: string): void;
  readonly enabled: boolean;
}

export interface ElementProps {
  readonly element: unknown;
  readonly path: string;
  readonly pressing: Pressing;
}

export const isElement = (value: unknown): value is Element => typeof value === 'object' && value !== null;
export const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const elementsOf = (element: Element) => list(element['elements']);

/** An element that does something when pressed: a link when it opens an address, else a button; plain without a click. */
export function Pressable({
  element,
  path,
  pressing,
  look,
  children,
}: ElementProps & {
  readonly element: Element;
  readonly look: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { click, tooltip } = element;
  const title = text(tooltip) || undefined;
  const press = () => pressing.press(path);
  if (!isElement(click)) {
    return (
      <div class={look} title={title}>
        {children}
      </div>
    );
  }
  const links = list(click['actions']).filter(isElement);
  const url = links.filter((action) => action['type'] === 'link').map((action) => safeUrl(action['uri']))[0];
  if (url !== undefined) {
    return (
      <Outside url={url} class={`${look} pressable`} title={title} onClick={pressing.enabled ? press : undefined}>
        {children}
        <Icon name="link" />
      </Outside>
    );
  }
  return (
    <button type="button" class={`${look} pressable`} title={title} disabled={!pressing.enabled} onClick={press}>
      {children}
    </button>
  );
}

export function Picture(props: ElementProps & { readonly element: Element }): JSX.Element {
  const { element } = props;
  const [broken, setBroken] = useState(false);
  const url = safeUrl(element['url']);
  const caption = text(element['caption']);
  const alternative = text(element['alt']) || caption || 'Image';
  return (
    <Pressable {...props} look="rich-image">
      {url === undefined || broken ? (
        <span class="rich-missing">
          <Icon name="file" />
          {alternative}
        </span>
      ) : (
        <img src={url} alt={alternative} loading="lazy" referrerpolicy="no-referrer" onError={() => setBroken(true)} />
      )}
      {caption && <small>{caption}</small>}
    </Pressable>
  );
}

export function LinkPreview({ element }: { readonly element: Element }): JSX.Element {
  const url = safeUrl(element['url']);
  const title = text(element['title']) || text(element['url']);
  return url === undefined ? (
    <div class="rich-text">{title}</div>
  ) : (
    <Outside url={url} class="rich-text">
      {title}
    </Outside>
  );
}

export function Template({ element, pressing }: ElementProps & { readonly element: Element }): JSX.Element {
  return (
    <div class="rich-vertical">
      <div class="rich-text">{text(element['title'])}</div>
      {list(element['resp']).map((reply) => (
        <button
          type="button"
          class="rich-button pressable"
          disabled={!pressing.enabled}
          onClick={() => pressing.say(text(reply))}
        >
          {text(reply)}
        </button>
      ))}
    </div>
  );
}

export function Pairs({ element }: { readonly element: Element }): JSX.Element {
  return (
    <dl class="rich-pairs">
      {elementsOf(element)
        .filter(isElement)
        .map((pair) => (
          <>
            <dt>{text(pair['key'])}</dt>
            <dd>{text(pair['value'])}</dd>
          </>
        ))}
    </dl>
  );
}

export function Unknown({ value }: { readonly value: unknown }): JSX.Element {
  return (
    <details class="rich-section">
      <summary>Content of another kind</summary>
      <pre>{JSON.stringify(value, undefined, 2)}</pre>
    </details>
  );
}
