import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { BenchEngine } from './count';
import { padTokenOf, randomRows, randomTexts, type Workload } from './workload';

type Weights = Record<'ln1w' | 'ln1b' | 'ln2w' | 'ln2b' | 'attnB' | 'projB' | 'fcB' | 'mlpB', tf.Tensor1D> &
  Record<'attn' | 'proj' | 'fc' | 'mlp', tf.Tensor2D> & { a: tf.Variable; b: tf.Variable };

/**
 * The same training step as someone would write it with plain TensorFlow.js ops and tf.variableGrads: batch padded to its
 * longest text, GPT-2 blocks, LoRA on c_attn, cross-entropy on the last token, clipping, Adam with decoupled weight decay.
 */
export async function createTfjsPeer(workload: Workload): Promise<BenchEngine> {
  // Its split-K program is silently wrong for transposed operands; see the traps in the design notes.
  tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 3);
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  await tf.setBackend('webgpu');
  await tf.ready();
  const model = new TfjsGpt2(workload);
  return { step: (at) => model.step(at), bytes: null, dispose: () => tf.disposeVariables() };
}

/** Padding comes after a text's last token, where a causal mask hides it. */
interface PaddedBatch {
  length: number;
  ids: tf.Tensor2D;
  labels: tf.Tensor1D;
  /** Rows of the last tokens in the batch laid out as one matrix. */
  lastRows: tf.Tensor1D;
  /** Hides what comes later, `(length, length)`. */
  mask: tf.Tensor;
}

class TfjsGpt2 {
  private readonly workload: Workload;
  private readonly blocks: Weights[];
  private readonly wte: tf.Tensor2D;
  private readonly wpe: tf.Tensor2D;
  private readonly lnf: [tf.Tensor1D, tf.Tensor1D];
  private readonly score: tf.Variable;
  private readonly optimizer = tf.train.adam(5e-4, 0.9, 0.999, 1e-8);
  private readonly batches: PaddedBatch[];

  constructor(workload: Workload) {
    this.workload = workload;
    const { width, vocabulary, positions, labels, layers } = workload;
    this.wte = this.random(vocabulary, width);
    this.wpe = this.random(positions, width);
    this.lnf = [tf.ones([width]), tf.zeros([width])];
    this.score = tf.variable(this.random(width, labels));
    this.blocks = Array.from({ length: layers }, () => this.block());
    this.batches = workload.batches.map((_, at) => this.padded(at));
  }

  async step(at: number): Promise<{ loss: number; encodeMs: number }> {
    const start = performance.now();
    const batch = this.batches[at % this.batches.length];
    if (!batch) throw new Error('The workload has no batch.');
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => this.loss(batch));
      const norm = tf.sqrt(tf.addN(Object.values(grads).map((gradient) => gradient.square().sum())));
      const factor = tf.minimum(1, tf.div(1, norm.add(1e-6)));
      for (const variable of this.variables()) variable.assign(variable.mul(1 - 5e-4 * 0.01));
      this.optimizer.applyGradients(
        Object.fromEntries(Object.entries(grads).map(([name, gradient]) => [name, gradient.mul(factor)])),
      );
      return tf.keep(value);
    });
    const encodeMs = performance.now() - start;
    const [value] = await loss.data();
    loss.dispose();
    return { loss: value ?? Number.NaN, encodeMs };
  }

  private loss(batch: PaddedBatch): tf.Scalar {
    const { labels, width } = this.workload;
    let hidden: tf.Tensor = tf.gather(this.wte, batch.ids).add(this.wpe.slice([0, 0], [batch.length, -1]));
    for (const weights of this.blocks) hidden = this.runBlock(hidden, weights, batch);
    const last = tf.gather(norm(hidden, ...this.lnf).reshape([-1, width]), batch.lastRows);
    const logits = tf.matMul(last, this.score);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(batch.labels, labels), logits);
  }

  private runBlock(hidden: tf.Tensor, weights: Weights, { ids, length, mask }: PaddedBatch): tf.Tensor {
    const { width, heads, loraAlpha, r } = this.workload;
    const sequences = ids.shape[0];
    const rows = sequences * length;
    const x = norm(hidden, weights.ln1w, weights.ln1b).reshape([rows, width]);
    const lora = tf.matMul(tf.matMul(x, weights.a, false, true), weights.b, false, true).mul(loraAlpha / r);
    const qkv = tf.matMul(x, weights.attn).add(weights.attnB).add(lora);
    const [q, k, v] = tf
      .split(qkv, 3, 1)
      .map((part) => part.reshape([sequences, length, heads, width / heads]).transpose([0, 2, 1, 3]));
    if (!q || !k || !v) throw new Error('c_attn did not split into three.');
    const scores = tf
      .matMul(q, k, false, true)
      .mul(1 / Math.sqrt(width / heads))
      .add(mask);
    const attended = tf.matMul(tf.softmax(scores), v).transpose([0, 2, 1, 3]).reshape([rows, width]);
    const middle = hidden.add(tf.matMul(attended, weights.proj).add(weights.projB).reshape(hidden.shape));
    const inner = gelu(tf.matMul(norm(middle, weights.ln2w, weights.ln2b).reshape([rows, width]), weights.fc).add(weights.fcB));
    return middle.add(tf.matMul(inner, weights.mlp).add(weights.mlpB).reshape(hidden.shape));
  }

  private variables(): tf.Variable[] {
    return [this.score, ...this.blocks.flatMap(({ a, b }) => [a, b])];
  }

  private random(rows: number, columns: number): tf.Tensor2D {
    return tf.tensor2d(randomRows(rows * columns), [rows, columns]);
  }

  private padded(at: number): PaddedBatch {
    const texts = randomTexts(this.workload, at);
    const length = Math.max(...texts.map(({ inputIds }) => inputIds.length));
    const ids = new Int32Array(texts.length * length).fill(padTokenOf(this.workload));
    texts.forEach(({ inputIds }, row) => ids.set(inputIds, row * length));
    return {
      length,
      ids: tf.tensor2d(ids, [texts.length, length], 'int32'),
      labels: tf.tensor1d(
        texts.map(({ label }) => label),
        'int32',
      ),
      lastRows: tf.tensor1d(
        texts.map(({ inputIds }, row) => row * length + inputIds.length - 1),
        'int32',
      ),
      mask: tf.linalg
        .bandPart(tf.ones([length, length]), -1, 0)
        .sub(1)
        .mul(1e9),
    };
  }

  private block(): Weights {
    const { width, r } = this.workload;
    const vector = (size: number, value: number): tf.Tensor1D => tf.fill([size], value);
    return {
      ln1w: vector(width, 1),
      ln1b: vector(width, 0),
      ln2w: vector(width, 1),
      ln2b: vector(width, 0),
      attnB: vector(3 * width, 0),
      projB: vector(width, 0),
      fcB: vector(4 * width, 0),
      mlpB: vector(width, 0),
      attn: this.random(width, 3 * width),
      proj: this.random(width, width),
      fc: this.random(width, 4 * width),
      mlp: this.random(4 * width, width),
      a: tf.variable(this.random(r, width)),
      b: tf.variable(this.random(3 * width, r)),
    };
  }
}

function norm(x: tf.Tensor, weight: tf.Tensor1D, bias: tf.Tensor1D): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return x
    .sub(mean)
    .mul(tf.rsqrt(variance.add(1e-5)))
    .mul(weight)
    .add(bias);
}

function gelu(x: tf.Tensor): tf.Tensor {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(tf.tanh(inner).add(1));
}
