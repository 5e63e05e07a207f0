import type { JSX } from 'preact';
import type { EventView } from '../../simulator/src/web/page-api.ts';
import { safeUrl, shortTime } from './format.ts';
import { Icon } from './icons.tsx';
import type { Mark } from './marks.ts';
import { QuickReplies, RichContent } from './rich-content.tsx';
import type { Pressing } from './rich-parts.tsx';
import { Outside, Text } from './text.tsx';

const MARKS: Readonly<Record<Mark, string>> = { sent: 'Sent', delivered: 'Delivered', read: 'Read' };
const IMAGE = /^(png|jpe?g|gif)$/i;

interface Props {
  readonly event: EventView;
  readonly mark: Mark;
  /** Whether the sender is named: the first of several in a row. */
  readonly named: boolean;
  /** Whether its quick replies are still offered. */
  readonly offering: boolean;
  readonly pressing: Pressing;
}

/** One message. */
export function Bubble({ event, mark, named, offering, pressing }: Props): JSX.Element {
  const { from, name, role, at } = event;
  const { quickReplies } = event.event;
  return (
    <li class={`message from-${from} ${event.private ? 'private' : ''} ${named ? 'named' : ''}`}>
      {named && from === 'brand' && (
        <p class="sender">
          {event.private && <Icon name="lock" />}
          {name}
          <span class="role">{event.private ? 'private' : roleName(role)}</span>
        </p>
      )}
      <div class={`bubble ${event.event.type === 'RichContentEvent' ? 'rich' : ''}`}>
        <Content event={event} pressing={pressing} />
      </div>
      <p class="meta">
        {at !== undefined && <time dateTime={new Date(at).toISOString()}>{shortTime(at)}</time>}
        {from === 'consumer' && (
          <span class={`mark ${mark}`}>
            <Icon name={mark === 'sent' ? 'check' : 'checks'} />
            {MARKS[mark]}
          </span>
        )}
      </p>
      {offering && quickReplies !== undefined && (
        <QuickReplies element={quickReplies} path="quickReplies" pressing={pressing} />
      )}
    </li>
  );
}

function Content({
  event: { event },
  pressing,
}: {
  readonly event: EventView;
  readonly pressing: Pressing;
}): JSX.Element {
  if (event.type === 'RichContentEvent') {
    return <RichContent element={event['content']} path="content" pressing={pressing} />;
  }
  const { message, contentType } = event;
  if (typeof message === 'string') return <Text text={message} />;
  const fields = (message ?? {}) as Readonly<Record<string, unknown>>;
  if (contentType === 'hosted/file') return <StoredFile fields={fields} />;
  const link = safeUrl(fields['externalFileLink']);
  if (link !== undefined) return <Outside url={link}>{link}</Outside>;
  return <pre>{JSON.stringify(event, undefined, 2)}</pre>;
}

function StoredFile({ fields }: { readonly fields: Readonly<Record<string, unknown>> }): JSX.Element {
  const path = String(fields['relativePath']);
  const type = path.split('.').at(-1) ?? '';
  const caption = typeof fields['caption'] === 'string' ? fields['caption'] : '';
  const url = `/simulator/file?path=${encodeURIComponent(path)}`;
  return (
    <figure class="file">
      {IMAGE.test(type) ? (
        <a href={url} target="_blank" rel="noopener">
          <img src={url} alt={caption || 'Image'} />
        </a>
      ) : (
        <a class="file-link" href={url} download>
          <Icon name="file" />
          {type.toUpperCase()} file
        </a>
      )}
      {caption && (
        <figcaption>
          <Text text={caption} />
        </figcaption>
      )}
    </figure>
  );
}

function roleName(role: string): string {
  return role.replaceAll('_', ' ').toLowerCase();
}
