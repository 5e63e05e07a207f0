import type { Metadata } from './metadata-types.ts';
import type { OpenFields } from './objects.ts';

/** What is read to those who do not see an element. */
export interface Accessibility extends OpenFields {
  /** ARIA attributes, as the web window puts them on the element. */
  web?: OpenFields | undefined;
}

interface KnownAction extends OpenFields {
  /** What is read to those who do not see it. */
  accessibility?: Accessibility | undefined;
}

/** Sends a text in the consumer's name. */
export interface PublishTextAction extends KnownAction {
  /** `publishText`. */
  type: 'publishText';
  /** What is sent, at most 5,000 characters; every channel shows 256. */
  text: string;
}

/** What a link opens on one kind of device. */
export interface DeepLink extends OpenFields {
  /** A page, an app or a call: 1 to 2,048 characters, no code. Every channel opens 1,024. */
  uri: string;
}

/** Opens a page, an app or a call. */
export interface LinkAction extends KnownAction {
  /** `link`. */
  type: 'link';
  /** A page, an app or a call: 1 to 2,048 characters, no code. Every channel opens 1,024. */
  uri: string;
  /** The name of the link, at most 256 characters. */
  name?: string | undefined;
  /** Where a page opens: in the same tab, in a new one, or in a panel beside the conversation. */
  target?: 'self' | 'blank' | 'slideout' | undefined;
  /** What is opened instead on iOS. */
  ios?: DeepLink | undefined;
  /** What is opened instead on Android. */
  android?: DeepLink | undefined;
  /** What is opened instead on the web. */
  web?: DeepLink | undefined;
}

/** Shows a place on a map. */
export interface NavigateAction extends KnownAction {
  /** `navigate`. */
  type: 'navigate';
  /** Degrees of latitude. */
  la: number;
  /** Degrees of longitude. */
  lo: number;
  /** The name of the place, at most 256 characters. */
  name?: string | undefined;
}

/** One product for the cart. */
export interface CartItem extends OpenFields {
  /** The product, by id. */
  productId: string;
  /** How many of it. */
  quantity?: number | undefined;
}

/** Puts products into the cart. */
export interface AddToCartAction extends KnownAction {
  /** `addToCart`. */
  type: 'addToCart';
  /** What goes into the cart, at most 10 products. */
  items: CartItem[];
}

/** Hands data to the page around the window. */
export interface CustomAction extends KnownAction {
  /** `custom`. */
  type: 'custom';
  /** What the page gets, at most 10 pairs. */
  data?: Record<string, unknown> | undefined;
}

/** Lets the consumer choose a day, or a first and a last one. */
export interface DatePickerAction extends KnownAction {
  /** `datePicker`. */
  type: 'datePicker';
  /** `single` for one day, `range` for a first and a last one. */
  class: 'single' | 'range';
  /** The heading of the calendar, at most 40 characters. */
  title?: string | undefined;
  /** The first day that can be chosen. */
  minDate?: string | number | undefined;
  /** The last day that can be chosen. */
  maxDate?: string | number | undefined;
  /** How the day is written. */
  dateFormat?: string | undefined;
}

/** One time to choose. */
export interface ScheduleSlot extends OpenFields {
  /** `scheduleSlot`. */
  type?: 'scheduleSlot' | undefined;
  /** Comes back with the choice. */
  id: string;
  /** When it begins. */
  start: string | number;
  /** When it ends. */
  end?: string | number | undefined;
  /** What it shows, at most 40 characters. */
  title?: string | undefined;
  /** A line below the title, at most 40 characters. */
  description?: string | undefined;
  /** A picture beside it: an address of at most 1,024 characters. */
  imageUrl?: string | undefined;
}

/** Lets the consumer choose one of several times. */
export interface ScheduleSlotListAction extends KnownAction {
  /** `scheduleSlotList`. */
  type: 'scheduleSlotList';
  /** The heading of the list, at most 40 characters. */
  title?: string | undefined;
  /** The times to choose from, at most 256. */
  slots?: ScheduleSlot[] | undefined;
  /** The day that a week of the calendar begins with. */
  firstDayOfTheWeek?: 'sun' | 'mon' | undefined;
}

/** An action of a type that is not known here: channels have actions of their own. */
export interface OtherAction extends OpenFields {
  /** The name of the action; the other fields depend on it. */
  type: string;
}

/** What a click does. An action of another type passes: channels have actions of their own. */
export type ClickAction =
  | PublishTextAction
  | LinkAction
  | NavigateAction
  | AddToCartAction
  | CustomAction
  | DatePickerAction
  | ScheduleSlotListAction
  | OtherAction;

interface ClickMetadata extends OpenFields {
  /** Metadata that comes back with the click, at most 32 entries. */
  metadata?: Metadata[] | undefined;
}

/** What a click on an element does, and the metadata it sends along. */
export interface Click extends ClickMetadata {
  /** What happens, in order; at most 4 actions. */
  actions?: ClickAction[] | undefined;
}

/** Says in the consumer's name that a checkbox is ticked. */
export interface CheckedAction extends KnownAction {
  /** `checked`. */
  type: 'checked';
  /** What is said in the consumer's name, at most 250 characters. */
  publishText: string;
}

/** What ticking a checkbox does. */
export interface CheckboxClick extends ClickMetadata {
  /** What happens; at most 1 action. */
  actions?: CheckedAction[] | undefined;
}

/** Sends a form in as a text. */
export interface SubmitAsTextAction extends KnownAction {
  /** `submitAsText`. */
  type: 'submitAsText';
  /** Whether the form is sent in. */
  submit: boolean;
}

/** What pressing a submit button does. */
export interface SubmitClick extends ClickMetadata {
  /** What happens; at most 1 action. */
  actions?: SubmitAsTextAction[] | undefined;
}
