import type { CheckboxClick, SubmitClick } from './rich-action-types.ts';
import type { Button, CommonFields, TextElement } from './rich-element-types.ts';

/** Sends a form in. */
export interface SubmitButton extends CommonFields {
  /** `submitButton`. */
  type: 'submitButton';
  /** What it shows, at most 128 characters. */
  title: string;
  /** What a press does. */
  click: SubmitClick;
  /** Whether it cannot be pressed. */
  disabled?: boolean | undefined;
}

/** One box to tick. */
export interface Checkbox extends CommonFields {
  /** `checkbox`. */
  type: 'checkbox';
  /** What it says, at most 5,000 characters. */
  text: string;
  /** What ticking it does. */
  click: CheckboxClick;
  /** Whether it has a line. */
  borderLine?: boolean | undefined;
  /** The color of its line, at most 256 characters. */
  borderColor?: string | undefined;
}

/** Boxes to tick, below each other. */
export interface Checklist extends CommonFields {
  /** `checklist`. */
  type: 'checklist';
  /** The boxes, 2 to 256, in order. */
  elements: Checkbox[];
}

/** One part of a form: its boxes, with or without a text above them. */
export interface Section extends CommonFields {
  /** `section`. */
  type: 'section';
  /** Its name in what is sent in, at most 256 characters. */
  sectionID: string;
  /** The boxes, or a text and the boxes. */
  elements: [Checklist] | [TextElement, Checklist];
}

/** The parts of a form. */
export interface SectionList extends CommonFields {
  /** `sectionList`. */
  type: 'sectionList';
  /** The parts, 1 to 256, in order. */
  elements: Section[];
}

/** The buttons of a form: one that sends it in, and one more if it needs one. */
export interface ButtonList extends CommonFields {
  /** `buttonList`. */
  type: 'buttonList';
  /** The button that sends the form in, and one more where it is needed. */
  elements: [SubmitButton] | [SubmitButton, SubmitButton | Button];
}

/** A form of checkboxes: a text, the sections and the buttons. */
export interface ListElement extends CommonFields {
  /** `list`. */
  type: 'list';
  /** The text, the sections and the buttons. */
  elements: [TextElement, SectionList, ButtonList];
}
