import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import {
  type Element,
  type ElementProps,
  elementsOf,
  isElement,
  LinkPreview,
  list,
  Pairs,
  Picture,
  Pressable,
  Template,
  text,
  Unknown,
} from './rich-parts.tsx';
import { Text } from './text.tsx';

const MAX_DEPTH = 12;
/** Structured content, element by element. What is not known is shown as it came. */
export function RichContent({ element, path, pressing }: ElementProps): JSX.Element {
  if (!isElement(element) || path.split('.').length > 2 * MAX_DEPTH) return <Unknown value={element} />;
  const props = { element, path, pressing };
  switch (element['type']) {
    case 'vertical':
      return <Group {...props} look="vertical" />;
    case 'horizontal':
      return <Group {...props} look="horizontal" />;
    case 'carousel':
    case 'carouselSelect':
    case 'tabs':
      return <Carousel {...props} />;
    case 'accordionSelect':
      return <Accordion {...props} />;
    case 'text':
      return (
        <Pressable {...props} look="rich-text">
          <Text text={text(element['text'])} />
        </Pressable>
      );
    case 'button':
      return (
        <Pressable {...props} look="rich-button">
          {text(element['title'])}
          {element['subtitle'] !== undefined && <small>{text(element['subtitle'])}</small>}
        </Pressable>
      );
    case 'image':
      return <Picture {...props} />;
    case 'map':
      return (
        <Pressable {...props} look="rich-place">
          Map: {text(element['la'])}, {text(element['lo'])}
        </Pressable>
      );
    case 'linkPreview':
      return <LinkPreview element={element} />;
    case 'template':
      return <Template {...props} />;
    case 'keyValuePairList':
      return <Pairs element={element} />;
    case 'list':
      return <Checklist {...props} />;
    default:
      return <Unknown value={element} />;
  }
}

/** The replies under a message, offered until the conversation goes on. */
export function QuickReplies({ element, path, pressing }: ElementProps): JSX.Element | null {
  if (!isElement(element)) return null;
  return (
    <div class="quick-replies" role="group" aria-label="Quick replies">
      {list(element['replies']).map((reply, i) => (
        <RichContent element={reply} path={`${path}.replies.${i}`} pressing={pressing} />
      ))}
    </div>
  );
}

function Children({ element, path, pressing }: ElementProps & { readonly element: Element }): JSX.Element {
  return (
    <>
      {elementsOf(element).map((child, i) => (
        <RichContent element={child} path={`${path}.elements.${i}`} pressing={pressing} />
      ))}
    </>
  );
}

function Group({ look, ...props }: ElementProps & { readonly element: Element; readonly look: string }): JSX.Element {
  return (
    <div class={`rich-${look}`}>
      <Children {...props} />
    </div>
  );
}

function Carousel({ element, path, pressing }: ElementProps & { readonly element: Element }): JSX.Element {
  const cards = elementsOf(element);
  return (
    // Scrolled by keyboard, so it has to be focusable.
    <ul class="rich-carousel" tabIndex={0} aria-label={`${cards.length} cards`}>
      {cards.map((card, i) => (
        <li>
          <RichContent element={card} path={`${path}.elements.${i}`} pressing={pressing} />
        </li>
      ))}
    </ul>
  );
}

function Accordion({ element, path, pressing }: ElementProps & { readonly element: Element }): JSX.Element {
  const titles = list(element['titles']);
  return (
    <div class="rich-vertical">
      {elementsOf(element).map((section, i) => {
        const title = titles[i];
        return (
          <details class="rich-section">
            <summary>{isElement(title) ? text(title['name']) : `Section ${i + 1}`}</summary>
            <RichContent element={section} path={`${path}.elements.${i}`} pressing={pressing} />
          </details>
        );
      })}
    </div>
  );
}

/** A form of checkboxes: what is ticked is said when a button is pressed. */
function Checklist({ element, path, pressing }: ElementProps & { readonly element: Element }): JSX.Element {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const tick = (label: string) => {
    const next = new Set(ticked);
    if (!next.delete(label)) next.add(label);
    setTicked(next);
  };
  const show = (child: unknown, at: string): JSX.Element => {
    if (!isElement(child)) return <Unknown value={child} />;
    const children = () => elementsOf(child).map((each, i) => show(each, `${at}.elements.${i}`));
    switch (child['type']) {
      case 'sectionList':
      case 'section':
      case 'checklist':
      case 'buttonList':
        return <div class="rich-vertical">{children()}</div>;
      case 'checkbox': {
        const label = tickText(child);
        return (
          <label class="rich-check">
            <input
              type="checkbox"
              checked={ticked.has(label)}
              disabled={!pressing.enabled}
              onChange={() => tick(label)}
            />
            {text(child['text'])}
          </label>
        );
      }
      case 'submitButton':
        return (
          <button
            type="button"
            class="rich-button pressable"
            disabled={!pressing.enabled || ticked.size === 0}
            onClick={() => {
              pressing.press(at);
              pressing.say([...ticked].join(', '));
            }}
          >
            {text(child['title'])}
          </button>
        );
      default:
        return <RichContent element={child} path={at} pressing={pressing} />;
    }
  };
  return <div class="rich-vertical">{elementsOf(element).map((child, i) => show(child, `${path}.elements.${i}`))}</div>;
}

function tickText(checkbox: Element): string {
  const { click } = checkbox;
  const [action] = isElement(click) ? list(click['actions']).filter(isElement) : [];
  return text(action?.['publishText']) || text(checkbox['text']);
}
