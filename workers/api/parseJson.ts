/** Far deeper than configurations are, and far from where recursion over what was read would overflow the stack. */
const deepest = 64;
const quote = '"'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);
const colon = ':'.charCodeAt(0);
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];

/**
 * `JSON.parse` for a stranger's text that is read as a whole: a name is what takes it longest.
 * @throws SyntaxError for what is no JSON, is nested more than 64 levels deep or has more than `mostNames`
 */
export function parseJson(text: string, mostNames = 700_000): unknown {
  let depth = 0;
  let names = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = closingQuote(text, at);
    else if (code === openList || code === openObject) depth++;
    else if (code === closeList || code === closeObject) depth--;
    else if (code === colon && ++names > mostNames) throw new SyntaxError(`it has more than ${mostNames} named values`);
    if (depth > deepest) throw new SyntaxError(`its lists and objects are nested more than ${deepest} levels deep`);
  }
  return JSON.parse(text);
}

function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at;
  }
  return text.length;
}
