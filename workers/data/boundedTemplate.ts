import { Environment, Interpreter, Template } from '@huggingface/jinja';

type Node = NonNullable<Parameters<Interpreter['evaluate']>[0]>;
type Value = ReturnType<Interpreter['evaluate']>;

/** A template of a stranger that asks for more than any conversation needs; `message` continues “it …”. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
}

/** Bounds on a stranger's template. The longest in use have some 20,000 characters and take a few thousand steps for a conversation. */
export const templateLimits = {
  characters: 100_000,
  /** The library's preparation takes the square of a run of white space. */
  whiteSpaceRun: 400,
  depth: 300,
  rangeLength: 2000,
  clockReadings: 100,
  /** Characters that one value may have beside eight times what the variables have; an item of a list counts as `itemWeight`. */
  weight: 400_000,
  /** Units of one rendering, beside a thousand for each character of the variables. A step takes `stepWork`, and one for each character of what it gives. */
  work: 5_000_000,
} as const;

const itemWeight = 64;
const stepWork = 50;
const mostNested = 32;

/** Filters whose result may be as long as their arguments multiplied. */
const multiplyingFilters: ReadonlySet<string> = new Set(['replace', 'join', 'indent', 'tojson']);

/**
 * Parses a Jinja template for `renderBounded`.
 * @throws TemplateFault beyond `templateLimits`; what the library throws for what is no template
 */
export function parseTemplate(text: string): Template {
  if (text.length > templateLimits.characters) {
    throw new TemplateFault(`has ${text.length} characters; ${templateLimits.characters} are the limit`);
  }
  if (new RegExp(`\\s{${templateLimits.whiteSpaceRun + 1}}`).test(text)) {
    throw new TemplateFault(`has more than ${templateLimits.whiteSpaceRun} blanks in a row`);
  }
  return new Template(text);
}

/**
 * Renders within bounds on steps, depth and memory, by the library's interpreter: every value it computes goes through `evaluate`.
 * @throws TemplateFault beyond `templateLimits`; what the library throws where the template raises an exception
 */
export function renderBounded({ parsed }: Template, variables: Readonly<Record<string, unknown>>): string {
  const interpreter = new BoundedInterpreter(variables);
  return interpreter.run(parsed).toString();
}

/** What is under way: a node, and the product of what its parts weigh so far. */
interface Frame {
  node: Node;
  product: number;
  depth: number;
  above: Frame | null;
}

class BoundedInterpreter extends Interpreter {
  readonly #weights = new Weights();
  readonly #heaviest: number;
  #workLeft: number;
  #frame: Frame | null = null;

  constructor(variables: Readonly<Record<string, unknown>>) {
    const environment = new Environment();
    super(environment);
    for (const [name, value] of Object.entries({ ...globals(), ...variables })) environment.set(name, value);
    const given = Object.keys(variables).reduce((sum, name) => sum + this.#weights.of(environment.lookupVariable(name)), 0);
    this.#heaviest = templateLimits.weight + 8 * given;
    this.#workLeft = templateLimits.work + 1000 * given;
  }

  override evaluate(node: Node | undefined, environment: Environment): Value {
    if (!node) return super.evaluate(node, environment);
    const above = this.#frame;
    const frame: Frame = { node, product: startOf(node), depth: (above?.depth ?? 0) + 1, above };
    if (frame.depth > templateLimits.depth) throw new TemplateFault(`nests more than ${templateLimits.depth} levels deep`);
    this.#work(stepWork);
    if (node.type === 'FilterStatement') throw new TemplateFault('filters a whole block, which no known template does');
    // The library looks through all of such a block whenever it comes by.
    if (node.type === 'Macro' || node.type === 'CallStatement') this.#work(templateLimits.characters / 20);
    this.#frame = frame;
    try {
      const value = super.evaluate(node, environment);
      this.#take(frame, value);
      return value;
    } finally {
      this.#frame = above;
    }
  }

  /** Weighs what a node gave, and what the node above may make of it. */
  #take({ node, product, above }: Frame, value: Value): void {
    const isFunction = typeof value.value === 'function';
    if (isFunction && node.type === 'MemberExpression') this.#weights.note(value, product);
    const weight = this.#weights.of(value);
    if (!isFunction && weight > this.#heaviest)
      throw new TemplateFault(`makes a value of more than ${this.#heaviest} characters`);
    this.#work(weight);
    if (!above) return;
    const grown = above.product * (1 + (typeof value.value === 'number' ? Math.abs(value.value) : weight));
    const isCalled = isFunction && this.#weights.isNoted(value);
    // What is called comes last, after its arguments.
    if (multiplies(above.node) || (isCalled && isCall(above.node))) {
      if (grown > 16 * this.#heaviest) throw new TemplateFault('multiplies texts beyond every bound');
      this.#work(grown / 8);
    }
    above.product = grown;
  }

  #work(amount: number): void {
    this.#workLeft -= amount;
    if (this.#workLeft < 0) throw new TemplateFault('loops longer than any conversation needs');
  }
}

/** What values weigh: about their characters, were they written out. */
class Weights {
  readonly #known = new WeakMap<object, { weight: number; depth: number }>();

  of(value: Value): number {
    return this.#measure(value).weight;
  }

  /** A method weighs what its object does. */
  note(method: Value, weight: number): void {
    this.#known.set(method, { weight, depth: 0 });
  }

  isNoted(value: Value): boolean {
    return this.#known.has(value);
  }

  #measure(value: Value): { weight: number; depth: number } {
    if (typeof value.value === 'string') return { weight: value.value.length, depth: 0 };
    const known = this.#known.get(value);
    if (known) return known;
    const parts = partsOf(value);
    if (parts === null) return { weight: 1, depth: 0 };
    const measured = { weight: itemWeight, depth: 1 };
    for (const [name, part] of parts) {
      // A namespace can change, so that what holds one would have to be weighed again and again.
      if (part.type === 'NamespaceValue') throw new TemplateFault('puts a namespace into another value');
      const { weight, depth } = this.#measure(part);
      measured.weight += itemWeight + name.length + weight;
      measured.depth = Math.max(measured.depth, 1 + depth);
    }
    if (measured.depth > mostNested) throw new TemplateFault(`nests lists more than ${mostNested} deep`);
    if (value.type !== 'NamespaceValue') this.#known.set(value, measured);
    return measured;
  }
}

/** Items of a list or of a mapping, with their names. */
function partsOf({ value }: Value): Iterable<readonly [string, Value]> | null {
  if (Array.isArray(value)) return value.map((part) => ['', part] as const);
  return value instanceof Map ? value : null;
}

function isCall({ type }: Node): boolean {
  return type === 'CallExpression' || type === 'CallStatement';
}

/** Whether what a node gives, or the time it takes, may be its parts multiplied: searching one text for another is such at the worst. */
function multiplies(node: Node): boolean {
  if (node.type === 'FilterExpression') return multiplyingFilters.has(filterOf(node));
  return node.type === 'BinaryExpression' && /^(not )?in$/.test(textAt(node, 'operator', 'value'));
}

/** JSON with indents repeats them for each level. */
function startOf(node: Node): number {
  return node.type === 'FilterExpression' && filterOf(node) === 'tojson' ? mostNested : 1;
}

/** The name of a filter that is given arguments. */
function filterOf(node: Node): string {
  return textAt(node, 'filter', 'callee', 'value');
}

/** The library does not export the kinds of its nodes. */
function textAt(node: Node, ...path: string[]): string {
  let at: unknown = node;
  for (const key of path) at = typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, key)?.value : null;
  return typeof at === 'string' ? at : '';
}

/** What every template finds, as the library's `Template` has it. */
function globals(): Record<string, unknown> {
  let readings = 0;
  return {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    raise_exception: (message: unknown) => {
      throw new Error(String(message));
    },
    range: boundedRange,
    strftime_now: (format: unknown) => {
      readings++;
      if (readings > templateLimits.clockReadings)
        throw new TemplateFault('reads the clock more often than any conversation needs');
      return clock.render({ format });
    },
  };
}

const clock = new Template('{{ strftime_now(format) }}');

/** Python's `range`. */
function boundedRange(first: number, end?: number, step = 1): number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  if (step === 0) throw new Error('range() step must not be zero');
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length <= templateLimits.rangeLength) return Array.from({ length }, (_, index) => from + index * step);
  throw new TemplateFault(`counts to ${length} in a range; ${templateLimits.rangeLength} are the limit`);
}
