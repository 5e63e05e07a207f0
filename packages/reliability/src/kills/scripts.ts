/** The words of the form. */
export const FORM = {
  begin: 'order',
  welcome: 'Welcome!',
  language: 'Which language?',
  size: 'Which size?',
  count: 'How many?',
  retry: 'A whole number, please.',
  sure: '2 × Large?',
  done: 'Ordered.',
} as const;

/** What the consumer says to each thing that the bot says. */
export const ANSWERS: Readonly<Record<string, string>> = {
  [FORM.language]: 'english',
  [FORM.size]: 'Large',
  [FORM.count]: 'many',
  [FORM.retry]: '2',
  [FORM.sure]: 'Yes',
};

/** How many paragraphs an answer has. */
export const PARAGRAPHS = 4;
