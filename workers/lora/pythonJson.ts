/** A number that Python would call a float, in Python's spelling: 0 is "0.0". */
export interface PythonFloat {
  readonly float: string;
}

export type PythonValue =
  null | boolean | number | string | PythonFloat | readonly PythonValue[] | { readonly [key: string]: PythonValue };

/** Python's `repr` of a float: always a point or an exponent, exponents from 1e-05 down and 1e+16 up. */
export function pythonFloat(value: number): PythonFloat {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return { float: `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}` };
  }
  const text = String(value);
  return { float: text.includes('.') ? text : `${text}.0` };
}

/** What Python's `json.dumps(value, indent=2, sort_keys=True)` gives: ASCII, no newline at the end. */
export function pythonJson(value: PythonValue, indent = ''): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : pythonFloat(value).float;
  if (typeof value === 'string') return asciiString(value);
  if (value === null || typeof value === 'boolean') return String(value);
  const inner = `${indent}  `;
  if (isList(value)) {
    return enclosed(
      '[]',
      value.map((entry) => pythonJson(entry, inner)),
      indent,
    );
  }
  if (isFloat(value)) return value.float;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return enclosed(
    '{}',
    entries.map(([key, entry]) => `${asciiString(key)}: ${pythonJson(entry, inner)}`),
    indent,
  );
}

function enclosed(brackets: '[]' | '{}', entries: string[], indent: string): string {
  if (entries.length === 0) return brackets;
  const lines = entries.map((entry) => `${indent}  ${entry}`).join(',\n');
  return `${brackets[0]}\n${lines}\n${indent}${brackets[1]}`;
}

function asciiString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isList(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value);
}

function isFloat(value: object): value is PythonFloat {
  return 'float' in value && Object.keys(value).length === 1 && typeof value.float === 'string';
}
