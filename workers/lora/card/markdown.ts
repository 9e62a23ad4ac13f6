/** Four decimals, or in words. */
export function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : 'not a number';
}

/** Text of others inside a line of Markdown: no markup, no line of its own. */
export function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~!]/g, '\\$&');
}

/** A code span; its fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '¦') || ' ';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/** Plain where YAML reads it as the same text, else quoted as JSON, which YAML contains but for the characters that it calls unprintable. */
export function yaml(text: string): string {
  return /^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text.toWellFormed()).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
