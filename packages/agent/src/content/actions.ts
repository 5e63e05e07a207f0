import { ConfigError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import { type Click, type ClickAction, ClickActionSchema } from '@lp/schemas';
import { build, checkLength } from './build.ts';
import { type Channel, limitsOf } from './channels.ts';

const MAX_ID = 64;

/** Says a text in the consumer's name. */
export function say(text: string): ClickAction {
  return build('say', ClickActionSchema, { type: 'publishText', text });
}

/**
 * Opens a page, an app (`myapp://…`) or a call (`tel:…`). A click on it sends no text.
 *
 * @throws ConfigError for a link that runs code, such as `javascript:`.
 */
export function link(uri: string, options: { readonly target?: 'self' | 'blank' | 'slideout' } = {}): ClickAction {
  checkOptionNames('link', options, ['target']);
  return build('link', ClickActionSchema, { type: 'link', uri, ...options });
}

/** What a click does, with the id that comes back as `message.click.id`. */
export function clickOf(builder: string, action: ClickAction, id: string | undefined): Click {
  if (id === undefined) return { actions: [action] };
  checkLength(builder, 'an id', id, MAX_ID);
  return { actions: [action], metadata: [{ type: 'ExternalId', id }] };
}

/** The characters of a URI, and a scheme before them. */
const URI = /^[a-z][a-z\d+.-]*:(?:[\w.~:/?#@!$&'()*+,;=-]|%[\da-f]{2})+$/i;

/** Refuses a click that a channel does not take. `whose` is "" or what it belongs to, as in "button 1 has ". */
export function checkClick(builder: string, whose: string, click: unknown, channel: Channel): void {
  const { actions = [], metadata } = (click ?? {}) as { actions?: readonly ClickAction[]; metadata?: unknown };
  const limits = limitsOf(channel);
  if (actions.length === 0 || actions.length > limits.actions)
    throw new ConfigError(`${builder}: ${whose}${actions.length} actions; ${channel} takes 1 to ${limits.actions}`);
  if (metadata !== undefined && !limits.ids)
    throw new ConfigError(`${builder}: ${whose}an id; ${channel} takes none: a press is told by its text`);
  for (const { type, ...fields } of actions) {
    if (limits.kinds?.includes(type) === false)
      throw new ConfigError(
        `${builder}: ${whose}an action of a kind that ${channel} has not, which takes ${limits.kinds.join(', ')}`,
      );
    const { text, uri } = fields as { text: string; uri: string };
    if (type === 'publishText') checkLength(builder, `${whose}a text to say`, text, limits.says);
    if (type !== 'link') continue;
    checkLength(builder, `${whose}a link`, uri, limits.link);
    if (!URI.test(uri))
      throw new ConfigError(`${builder}: ${whose}a link that is no URI: write what is not ASCII as %20 or the like`);
  }
}
