import { isBlank, MAX_TEXT_LENGTH, splitText } from './split-text.ts';

// One that is shorter goes with the next.
const SHORT = 200;
const BREAK = /\n[^\S\n]*\n\s*(?=\S)/g;

/** Makes messages of a text that comes in pieces. What they are depends on the text alone, never on how it was cut. */
export interface TextParts {
  /** Takes a piece in; gives the messages that are ready, each of which another one will follow. */
  push(piece: string): string[];
  /** The rest. Empty when all of the text was blank. */
  end(): string[];
}

/** `whole`: everything at the end. `paragraphs`: each paragraph when the next one begins, so that the last is known as the last. */
export function textParts(deliver: 'whole' | 'paragraphs', maxLength = MAX_TEXT_LENGTH): TextParts {
  return deliver === 'paragraphs' ? new Paragraphs(maxLength) : new Whole(maxLength);
}

class Whole implements TextParts {
  readonly #maxLength: number;
  readonly #pieces: string[] = [];

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  push(piece: string): string[] {
    this.#pieces.push(piece);
    return [];
  }

  end(): string[] {
    return splitUnlessBlank(this.#pieces.join(''), this.#maxLength);
  }
}

class Paragraphs implements TextParts {
  readonly #maxLength: number;
  #text = '';
  /** Up to where no break can begin any more. */
  #seen = 0;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  push(piece: string): string[] {
    // Nothing before the first word: it would count as a paragraph.
    this.#text = this.#text === '' ? piece.trimStart() : this.#text + piece;
    const ready: string[] = [];
    BREAK.lastIndex = this.#seen;
    for (let found = BREAK.exec(this.#text); found; found = BREAK.exec(this.#text)) {
      if (found.index < SHORT) continue;
      ready.push(...splitText(this.#text.slice(0, found.index).trimEnd(), this.#maxLength));
      this.#text = this.#text.slice(BREAK.lastIndex);
      BREAK.lastIndex = 0;
    }
    // A break that has begun may go on in the next piece.
    this.#seen = this.#text.trimEnd().length;
    return ready;
  }

  end(): string[] {
    return splitUnlessBlank(this.#text.trimEnd(), this.#maxLength);
  }
}

function splitUnlessBlank(text: string, maxLength: number): string[] {
  return isBlank(text) ? [] : splitText(text, maxLength);
}
