import type { Batch, Program } from '../engine/executor';
import type { Counts } from '../engine/shape';
import { idleStep } from '../engine/step';
import type { CacheRoom } from './generationGraph';
import { Sampler, type SamplingSettings } from './sampling';

export interface GenerationSettings extends SamplingSettings {
  maxNewTokens: number;
  /** Tokens that end a text; they are not part of it. */
  stopIds: readonly number[];
}

export interface GeneratedText {
  ids: number[];
  /** `length`: the wanted number of tokens, or the model's room, is used up. */
  ended: 'stop' | 'length' | 'cancelled';
}

export interface GenerationOptions {
  signal?: AbortSignal;
  /** Called for each new token of each text, in order. */
  onToken?: (text: number, id: number) => void;
}

export interface GenerationParts {
  prefill: Program;
  decode: Program;
  /** Of both programs; decoding has one token a text. */
  capacity: Counts;
  room: CacheRoom;
}

/** A text under way in one place of the cache. */
interface Running {
  text: number;
  slot: number;
  /** Prompt and answer. */
  ids: number[];
  /** Tokens whose keys and values are in the cache. */
  filled: number;
  sampler: Sampler;
}

/** Lets a model write after prompts, with whatever parameters the executor holds. */
export class Generator {
  private readonly parts: GenerationParts;

  constructor(parts: GenerationParts) {
    this.parts = parts;
  }

  /** Places of the cache, each for one text. */
  get places(): number {
    return Math.min(this.parts.room.texts, this.parts.capacity.sequences);
  }

  /** What the model writes after each prompt. Throws a RangeError for a prompt that is empty or leaves no room for an answer. */
  async generate(
    prompts: readonly ArrayLike<number>[],
    settings: GenerationSettings,
    { signal, onToken }: GenerationOptions = {},
  ): Promise<GeneratedText[]> {
    const texts = this.begin(prompts, settings);
    while (!texts.areDone && !signal?.aborted) await texts.advance(onToken);
    return texts.results;
  }

  /**
   * The same, to be advanced token by token: so several models can take turns, each in places of its own. Nothing is computed yet.
   * Throws as `generate` does.
   */
  begin(
    prompts: readonly ArrayLike<number>[],
    settings: GenerationSettings,
    places: readonly number[] = Array.from({ length: this.places }, (_, place) => place),
  ): TextsUnderWay {
    return new TextsUnderWay(this.parts, prompts, settings, places);
  }
}

/** Texts are taken up as places in the cache become free: prompts and answers of different lengths run side by side. */
export class TextsUnderWay {
  /** One a prompt, in their order. */
  readonly results: GeneratedText[];
  private readonly parts: GenerationParts;
  private readonly prompts: readonly ArrayLike<number>[];
  private readonly settings: GenerationSettings;
  private readonly waiting: number[];
  private readonly free: number[];
  private running: Running[] = [];

  constructor(
    parts: GenerationParts,
    prompts: readonly ArrayLike<number>[],
    settings: GenerationSettings,
    places: readonly number[],
  ) {
    this.parts = parts;
    this.prompts = prompts;
    this.settings = settings;
    this.free = [...places];
    prompts.forEach((prompt, text) => this.requireFits(prompt, text));
    this.results = prompts.map((): GeneratedText => ({ ids: [], ended: 'cancelled' }));
    this.waiting = prompts.map((_, text) => text);
  }

  get areDone(): boolean {
    return this.running.length === 0 && this.waiting.length === 0;
  }

  /** One run of the model, which gives each text that is under way a token at the most. */
  async advance(onToken?: GenerationOptions['onToken']): Promise<void> {
    this.takeUp();
    for (const { run, logits } of await this.read(this.running)) {
      const result = this.results[run.text]!;
      const ended = this.append(run, logits, this.settings, result, onToken);
      if (!ended) continue;
      result.ended = ended;
      this.free.push(run.slot);
      this.running = this.running.filter((other) => other !== run);
    }
  }

  private takeUp(): void {
    while (this.free.length > 0 && this.waiting.length > 0) {
      const [text, slot] = [this.waiting.shift()!, this.free.shift()!];
      const ids = Array.from(this.prompts[text]!);
      this.running.push({
        text,
        slot,
        ids,
        filled: 0,
        sampler: new Sampler(this.settings, text),
      });
    }
  }

  /** Takes the next token; returns why the text ends with it, or null. */
  private append(
    run: Running,
    logits: Float32Array,
    { stopIds, maxNewTokens }: GenerationSettings,
    result: GeneratedText,
    onToken: GenerationOptions['onToken'],
  ): 'stop' | 'length' | null {
    const id = run.sampler.next(logits, run.ids);
    if (stopIds.includes(id)) return 'stop';
    run.ids.push(id);
    result.ids.push(id);
    onToken?.(run.text, id);
    const full = run.ids.length >= this.parts.room.tokensPerText;
    return result.ids.length >= maxNewTokens || full ? 'length' : null;
  }

  /** Reads on; gives the logits of the texts whose tokens have all been read. */
  private async read(running: readonly Running[]): Promise<{ run: Running; logits: Float32Array }[]> {
    const { prefill, decode, capacity } = this.parts;
    let left = capacity.tokens;
    const taken = running.flatMap((run) => {
      const count = Math.min(left, run.ids.length - run.filled);
      left -= count;
      return count > 0 ? [{ run, count }] : [];
    });
    const program = taken.every(({ count }) => count === 1) ? decode : prefill;
    const readings = await program.run(this.batchOf(taken), idleStep, false);
    const logits = readings.get('logits');
    if (!logits) throw new Error('The graph gave no logits.');
    const vocabulary = logits.length / taken.length;
    return taken.flatMap(({ run, count }, row) => {
      run.filled += count;
      const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      return run.filled === run.ids.length ? [{ run, logits: own }] : [];
    });
  }

  private batchOf(taken: readonly { run: Running; count: number }[]): Batch {
    const sequences = taken.length;
    const segmentOffsets = new Int32Array(sequences + 1);
    taken.forEach(({ count }, index) => (segmentOffsets[index + 1] = segmentOffsets[index]! + count));
    const tokens = segmentOffsets[sequences]!;
    const inputIds = new Int32Array(tokens);
    const positions = new Int32Array(tokens);
    const rowSegments = new Int32Array(tokens);
    const places = new Int32Array(2 * sequences);
    taken.forEach(({ run, count }, index) => {
      const start = segmentOffsets[index]!;
      for (let at = 0; at < count; at++) {
        inputIds[start + at] = run.ids[run.filled + at]!;
        positions[start + at] = run.filled + at;
        rowSegments[start + at] = index;
      }
      places.set([run.slot * this.parts.room.tokensPerText, run.filled], 2 * index);
    });
    const pooledRows = segmentOffsets.slice(1).map((end) => end - 1);
    return { tokens, sequences, inputs: { inputIds, positions, segmentOffsets, rowSegments, pooledRows, places } };
  }

  private requireFits(prompt: ArrayLike<number>, text: number): void {
    const { tokensPerText } = this.parts.room;
    if (prompt.length > 0 && prompt.length < tokensPerText) return;
    throw new RangeError(
      `Prompt ${text} has ${prompt.length} tokens; it needs one at least, and with its answer no more than ${tokensPerText}.`,
    );
  }
}
