import { ConfigError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import { type Click, type ClickAction, ClickActionSchema } from '@lp/schemas';
import { build, checkLength } from './build.ts';

const MAX_ID = 64;

/** Says a text in the consumer's name. */
export function say(text: string): ClickAction {
  return build('say', ClickActionSchema, { type: 'publishText', text });
}

/**
 * Opens a page, an app (`myapp://…`) or a call (`tel:…`). A click on it sends no text. `target` says where a page is opened:
 * in the same window, a new one, or beside the conversation (default: as the channel does).
 *
 * @throws ConfigError for what is no whole address, one of this machine, and a link that runs code, such as `javascript:`.
 */
export function link(uri: string, options: { readonly target?: 'self' | 'blank' | 'slideout' } = {}): ClickAction {
  checkOptionNames('link', options, ['target']);
  if (typeof uri === 'string' && !opensAnywhere(uri)) {
    throw new ConfigError(
      'link: uri must be a whole address, such as https://shop.example/7, myapp://cart or tel:+49301234',
    );
  }
  return build('link', ClickActionSchema, { type: 'link', uri, ...options });
}

/** A file or a blob is one's own: the consumer's device has another, or none. */
function opensAnywhere(uri: string): boolean {
  return URL.canParse(uri) && !/^\s*(?:file|blob):/i.test(uri);
}

/** What a click does, with the id that comes back as `message.click.id`. */
export function clickOf(builder: string, action: ClickAction, id: string | undefined): Click {
  if (id === undefined) return { actions: [action] };
  checkLength(builder, 'an id', id, MAX_ID);
  return { actions: [action], metadata: [{ type: 'ExternalId', id }] };
}
