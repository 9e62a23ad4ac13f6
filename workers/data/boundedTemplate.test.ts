import { Template } from '@huggingface/jinja';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { errorOf } from '../testing/errorOf';
import { createChatFormat, type ChatMessage } from './chatFormat';

const conversation: ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Where is my <card>, “please”?\n\nSoon?' },
  { role: 'assistant', content: '<think>Hm</think>On its way.' },
];

/** What templates in use do, in words of our own. */
const sound = {
  turns:
    "{{ bos_token }}{% for m in messages %}{{ '[' + m['role'] + ']' + m.content | trim + eos_token }}{% if loop.last %}!{% endif %}{% endfor %}",
  macros:
    "{%- macro turn(role, text='-') -%}<{{ role | upper }}>{{ text }}{{ caller() if caller }}{%- endmacro -%}{% set state = namespace(count=0, last='') %}" +
    "{% for m in messages if m.role != 'system' %}{% set state.count = state.count + 1 %}{% set state.last = m.role %}{{ turn(m.role, text=m.content) }}{% endfor %}{{ state.count }} {{ state.last }}",
  thoughts:
    "{% for m in messages %}{% if '</think>' in m.content %}{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% else %}{{ m.content.replace('card', 'CARD') | replace('\\n', ' ') }}{% endif %}{% endfor %}",
  json: "{{ messages | tojson(indent=2) }}{{ messages | map(attribute='role') | join(', ') }}{{ messages[1:] | length }}{{ {'a': [1, 2.5, none, true]} | tojson }}",
  numbers:
    "{% for i in range(3, 12, 4) %}{{ i }} {{ (i ** 2) % 7 }};{% endfor %}{{ range(5) | list | tojson }}{{ 'late' if range(0) else 'early' }}",
  clock: "{{ strftime_now('%Y')[:2] }}{% if unknown is defined %}no{% endif %}{{ unknown | default('nothing') }}",
};

const render = (chatTemplate: string, messages = conversation): string =>
  createChatFormat({ chatTemplate, beginOfText: '<s>', endOfText: '</s>' }).render(messages, true);

test.each(Object.entries(sound))('a template of %s gives what the library gives', (_, template) => {
  const variables = { messages: conversation, add_generation_prompt: true, bos_token: '<s>', eos_token: '</s>' };
  expect(render(template)).toBe(new Template(template).render(variables));
});

test('a text of a million characters passes through', () => {
  const content = 'a word '.repeat(150_000);
  expect(render(sound.thoughts, [{ role: 'user', content }])).toBe(content);
  expect(render(sound.turns, [{ role: 'user', content }])).toContain(content.trim());
});

/** Each would take for ever, or memory without end; what it is refused for. */
const hostile: Record<string, [template: string, words: string]> = {
  'a long range': ['{% for i in range(10**9) %}x{% endfor %}', 'counts to 1000000000'],
  'a range of fractions': ['{{ range(0, 1, 10 ** -9) | length }}', 'counts to 10'],
  'a range from far below': ['{{ range(-10**15, 0) }}', 'counts to'],
  'an endless range': ['{{ range(10**308 * 10) }}', 'counts to Infinity'],
  'loops in loops': ['{% for a in range(1999) %}{% for b in range(1999) %}{% for c in range(1999) %}{% endfor %}{% endfor %}{% endfor %}', 'loops longer'],
  'a doubling text': ["{% set s = namespace(t='ab') %}{% for i in range(60) %}{% set s.t = s.t ~ s.t %}{% endfor %}{{ s.t }}", 'makes a value of more than'],
  'a doubling list': ['{% set s = namespace(t=[1]) %}{% for i in range(60) %}{% set s.t = [s.t, s.t] %}{% endfor %}{{ s.t }}', 'more than'],
  'a deep list': ['{% set s = namespace(t=[1]) %}{% for i in range(99) %}{% set s.t = [s.t] %}{% endfor %}{{ s.t | tojson(indent=9) }}', 'nests lists more than 32 deep'],
  'namespaces in namespaces': ['{% set a = namespace(x=1) %}{% set b = namespace(x=a) %}{{ [b, b] | tojson }}', 'puts a namespace into another value'],
  'a namespace in itself': ['{% set a = namespace(x=1) %}{% set a.x = a %}{{ [a] }}', 'puts a namespace into another value'],
  'replacing by much': ["{% set s = 'a' | indent(0) %}{% set big = range(1999) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') %}{{ big.replace('', big) }}", 'multiplies texts'],
  'a filter that replaces by much': ["{% set big = range(1999) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') %}{{ big | replace('', big) }}", 'multiplies texts'],
  'replacing under another name': ["{% set big = range(1999) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') %}{{ big['rep' ~ 'lace']('', big) }}", 'multiplies texts'],
  'replacing through a macro': ["{% set big = range(1999) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') %}{% macro f(g) %}{{ g('', big) }}{% endmacro %}{{ f(big.replace) }}", 'multiplies texts'],
  'a wide indent': ["{{ 'a\nb' | indent(10**8) }}", 'multiplies texts'],
  'JSON with a wide indent': ['{{ [1, 2] | tojson(indent=10**8) }}', 'multiplies texts'],
  'joining by much': ["{{ range(1999) | join(range(1999) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')) }}", 'multiplies texts'],
  'searching much in much': ["{% set big = range(1999) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') %}{{ (big ~ 'b') in big }}", 'multiplies texts'],
  'a macro that calls itself': ['{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'nests more than 300 levels deep'],
  'a macro made again and again': [`{% for i in range(1999) %}{% macro f() %}${'{{ a }}'.repeat(4000)}{% endmacro %}{% endfor %}`, 'loops longer'],
  'unknown names': ['{% for a in range(1999) %}{% for b in range(1999) %}{{ x }}{% endfor %}{% endfor %}', 'loops longer'],
  'the clock': ["{% for a in range(1999) %}{{ strftime_now('%B') }}{% endfor %}", 'reads the clock'],
  'a filtered block': ["{% filter replace('', 'a') %}text{% endfilter %}", 'filters a whole block'],
  'blanks without end': [`{{ messages }}${' '.repeat(90_000)}x`, 'blanks in a row'],
  'lines without end': ['\n'.repeat(90_000), 'blanks in a row'],
  'a long template': ['{{ a }}'.repeat(20_000), 'has 140000 characters'],
  'open brackets': [`{{ ${'('.repeat(90_000)}`, 'stack'],
  'a long sum': [`{{ a${' + a'.repeat(24_000)} }}`, 'levels deep'],
}; // prettier-ignore

describe('a hostile template is refused within two seconds', () => {
  test.each(Object.entries(hostile))('%s', (_, [template, words]) => {
    const start = performance.now();
    const error = errorOf(() => render(template));
    expect(performance.now() - start).toBeLessThan(2000);
    expect([error.code, error.message]).toEqual(['model/bad-tokenizer', expect.stringContaining(words)]);
    expect(error.remedy).toContain('Choose no chat format');
  });
});

test('whatever a template is made of, it gives a text or a TuneletError, soon (property)', () => {
  const pieces = [...Object.values(sound), ...Object.values(hostile).map(([template]) => template)]
    .filter(({ length }) => length < 2000)
    .flatMap((template) => template.split(/(?<=[%}]\})/));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 6 })), { maxLength: 12 }), (parts) => {
      const start = performance.now();
      try {
        expect(typeof render(parts.join(''))).toBe('string');
      } catch (error) {
        if (!(error instanceof TuneletError)) throw error;
      }
      expect(performance.now() - start).toBeLessThan(2000);
    }),
    { numRuns: 600 },
  );
}, 60_000);
