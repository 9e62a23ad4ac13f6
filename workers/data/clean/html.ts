import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** Elements that begin a line of their own; without a break the words around them would join. */
const lineBreaking = new Set(
  (
    'address article aside blockquote br caption dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main ' +
    'nav ol option p pre section table tbody td tfoot th thead tr ul'
  ).split(' '),
);

/** Their content is no text. */
const unseen = new Set(['script', 'style']);

/** The text that a page would show: tags and comments go, entities are decoded, line-breaking elements become one line break. */
export function stripHtml(text: string): string {
  const hasTag = /<[a-z!/?]/i.test(text);
  if (!hasTag && !text.includes('&')) return text;
  // What follows the last ">" has no whole tag in it: "a<b" stays.
  const end = hasTag ? text.lastIndexOf('>') + 1 : 0;
  return read(text.slice(0, end) + text.slice(end).replaceAll('<', '&lt;'));
}

function read(markup: string): string {
  const shown = new ShownText(markup);
  const tokenizer = new Tokenizer({ decodeEntities: true }, shown);
  tokenizer.write(markup);
  tokenizer.end();
  return shown.text;
}

/** No tree is built, so that markup which nests or never closes costs no more than its length. */
class ShownText implements TokenizerCallbacks {
  private readonly markup: string;
  private readonly pieces: string[] = [];
  private breakDue = false;
  private lastTag = '';
  private hidden = '';

  constructor(markup: string) {
    this.markup = markup;
  }

  get text(): string {
    return this.pieces.join('');
  }

  ontext(start: number, endIndex: number): void {
    this.show(this.markup.slice(start, endIndex));
  }

  ontextentity(codepoint: number): void {
    this.show(String.fromCodePoint(codepoint));
  }

  oncdata(start: number, endIndex: number, endOffset: number): void {
    this.show(this.markup.slice(start, endIndex - endOffset));
  }

  onopentagname(start: number, endIndex: number): void {
    this.lastTag = this.markup.slice(start, endIndex).toLowerCase();
    if (lineBreaking.has(this.lastTag)) this.breakDue = true;
  }

  onopentagend(): void {
    if (unseen.has(this.lastTag)) this.hidden = this.lastTag;
  }

  onclosetag(start: number, endIndex: number): void {
    const name = this.markup.slice(start, endIndex).toLowerCase();
    if (lineBreaking.has(name)) this.breakDue = true;
    if (name === this.hidden) this.hidden = '';
  }

  private show(piece: string): void {
    if (this.hidden !== '' || piece === '') return;
    const last = this.pieces.at(-1);
    if (this.breakDue && last !== undefined && !/\s/.test(last.at(-1) ?? '') && !/\s/.test(piece.charAt(0)))
      this.pieces.push('\n');
    this.breakDue = false;
    this.pieces.push(piece);
  }

  onattribdata(): void {}
  onattribentity(): void {}
  onattribend(): void {}
  onattribname(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onend(): void {}
  onprocessinginstruction(): void {}
  onselfclosingtag(): void {}
}
