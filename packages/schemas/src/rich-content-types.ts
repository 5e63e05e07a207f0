import type { OpenFields } from './objects.ts';
import type {
  Button,
  CommonFields,
  Display,
  ImageElement,
  KeyValuePairList,
  LinkPreview,
  MapElement,
  TemplateElement,
  TextElement,
} from './rich-element-types.ts';
import type { ListElement } from './rich-form-types.ts';

/** Elements beside each other. */
export interface Horizontal extends CommonFields {
  /** `horizontal`. */
  type: 'horizontal';
  /** What is in it, in order: at most 256 elements. */
  elements: RichContent[];
  /** How wide each element is. */
  percentages?: number[] | undefined;
  /** Whether it has a line around it, or a shadow. */
  border?: 'border' | 'borderLess' | 'dropShadow' | undefined;
  /** Whether lines stand between its elements. */
  borderLine?: boolean | undefined;
}

/** Elements below each other. */
export interface Vertical extends CommonFields {
  /** `vertical`. */
  type: 'vertical';
  /** For channels that show text alone, at most 5,000 characters. */
  text?: string | undefined;
  /** What is in it, in order: at most 256 elements. */
  elements: RichContent[];
  /** Whether it has a line around it, or a shadow. */
  border?: 'border' | 'borderLess' | 'dropShadow' | undefined;
  /** Whether it can be scrolled. */
  scroll?: 'enable' | 'disable' | undefined;
  /** How a card shows its picture. */
  display?: Display | undefined;
}

/** 2 to 10 cards to leaf through; one channel shows 13. */
export interface Carousel extends CommonFields {
  /** `carousel`. */
  type: 'carousel';
  /** The cards, in order: 2 to 13; every channel shows 10. */
  elements: RichContent[];
  /** Space around the cards, 0 to 10. */
  padding?: number | undefined;
  /** How a card shows its picture. */
  display?: Display | undefined;
}

/** How many of the cards can be chosen, and the name of the choice. */
export interface CarouselSelectMode extends OpenFields {
  /** The name of the choice, at most 200 characters: buttons refer to it. */
  name: string;
  /** Whether one card can be chosen, or several. */
  type: 'single' | 'multiple';
}

/** Cards to choose from. */
export interface CarouselSelect extends CommonFields {
  /** `carouselSelect`. */
  type: 'carouselSelect';
  /** How many can be chosen, and the name of the choice. */
  selectMode: CarouselSelectMode;
  /** What is in it, in order: 1 to 20 elements. */
  elements: RichContent[];
  /** Space around the cards, 0 to 10. */
  padding?: number | undefined;
  /** How a card shows its picture. */
  display?: Display | undefined;
}

/** How many of the cards can be chosen, and the name of the choice. */
export interface AccordionSelectMode extends OpenFields {
  /** The name of the choice, at most 200 characters: buttons refer to it. */
  name: string;
  /** Whether one card can be chosen, or several. */
  type?: 'single' | 'multiple' | undefined;
}

/** The head of a card that unfolds. */
export interface AccordionTitle extends OpenFields {
  /** What it says, at most 200 characters. */
  name: string;
  /** A second line of it, at most 200 characters. */
  additional?: string | undefined;
}

/** Cards to unfold and choose from. */
export interface AccordionSelect extends CommonFields {
  /** `accordionSelect`. */
  type: 'accordionSelect';
  /** How many can be chosen, and the name of the choice. */
  selectMode: AccordionSelectMode;
  /** The heads of what unfolds, 1 to 20. */
  titles: AccordionTitle[];
  /** What is in it, in order: 1 to 20 elements. */
  elements: RichContent[];
  /** Space around the cards, 0 to 10. */
  padding?: number | undefined;
  /** How a card shows its picture. */
  display?: Display | undefined;
}

/** 1 to 10 cards behind tabs. */
export interface Tabs extends CommonFields {
  /** `tabs`. */
  type: 'tabs';
  /** What is in it, in order: 1 to 10 elements. */
  elements: RichContent[];
}

/** An element of a type that is not known here: channels have elements of their own. */
export interface OtherElement {
  /** Which kind of element it is. */
  type: string;
  [key: string]: unknown;
}

/** Structured content to send: one element, which may hold others. */
export type RichContent =
  | TextElement
  | Button
  | ImageElement
  | MapElement
  | LinkPreview
  | TemplateElement
  | KeyValuePairList
  | ListElement
  | Horizontal
  | Vertical
  | Carousel
  | CarouselSelect
  | AccordionSelect
  | Tabs
  | OtherElement;
