// A report as Markdown.

/** @typedef {import('./page/measure').BenchRow} Row */

/** Kernels listed for each workload. */
const kernelsShown = 12;

/**
 * @param {import('./runAll.mjs').Report} report
 * @returns {string}
 */
export function markdown(report) {
  const { device, runtime, processor, date, command, pytorch, peak, rows, ratios, skipped, failures } = report;
  const versions =
    'reason' in pytorch
      ? `not run: ${pytorch.reason}`
      : `${pytorch.torch} on ${pytorch.device}, transformers ${pytorch.transformers}, PEFT ${pytorch.peft}`;
  const copy = peak.copyBytesPerSecond === null ? '' : `; large copy: ${(peak.copyBytesPerSecond / 1e9).toFixed(1)} GB/s`;
  return [
    `Device: ${device}; ${runtime}; ${processor}; ${date}; \`${command}\``,
    '',
    `PyTorch: ${versions}`,
    '',
    `Our plain kernel on a product of ${peak.size} x ${peak.size} matrices: ${(peak.multiplyAddsPerSecond / 1e9).toFixed(1)} billion multiply-adds a second${copy}`,
    '',
    '| workload | engine | numbers | ms a step (min–max) | texts/s | real tokens/s | encode ms | dispatches | submits | bind groups made | MB weights + values = all | multiply-adds a token (over the least) | share of the product’s rate | first step after s |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map(tableRow),
    '',
    ...ratios.map(
      ({ workload, median, minimum, maximum }) =>
        `${workload}: ${median.toFixed(1)} times as fast as tfjs (${minimum.toFixed(1)} to ${maximum.toFixed(1)}).`,
    ),
    ...notes(rows),
    ...skipped.map((reason) => `Not run: ${reason}.`),
    ...failures.map((reason) => `Failed: ${reason}`),
    '',
    ...rows.flatMap(findingsOf),
    '',
    ...rows.flatMap(kernelTable),
  ].join('\n');
}

/** @param {Row} row */
function tableRow(row) {
  const cells = [
    row.workload,
    row.note?.startsWith('taken elsewhere') ? `${row.engine} *` : row.engine,
    row.precision,
    `${number(row.msPerStep)} (${number(row.msMinimum)}–${number(row.msMaximum)})`,
    number(row.examplesPerSecond),
    number(row.tokensPerSecond),
    optional(row.encodeMs, (ms) => ms.toFixed(2)),
    optional(row.dispatches, String),
    optional(row.submits, String),
    optional(row.bindGroups, String),
    bytes(row),
    optional(row.multiplyAdds, ({ executed, minimum, perToken }) => {
      return `${(perToken / 1e6).toFixed(1)} M (${(100 * (executed / minimum - 1)).toFixed(1)} %)`;
    }),
    optional(row.peakShare, (share) => `${(100 * share).toFixed(0)} %`),
    optional(row.firstStepMs, (ms) => (ms / 1000).toFixed(1)),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** @param {Row} row */
function bytes({ weightBytes, arenaBytes, gpuBytes }) {
  const mega = (/** @type {number} */ value) => (value / 1e6).toFixed(0);
  const parts = [weightBytes, arenaBytes].map((value) => optional(value, mega));
  return weightBytes === null && arenaBytes === null
    ? optional(gpuBytes, mega)
    : `${parts.join(' + ')} = ${optional(gpuBytes, mega)}`;
}

/** @param {Row[]} rows */
function notes(rows) {
  const elsewhere = rows.filter(({ note }) => note?.startsWith('taken elsewhere'));
  return elsewhere.map(({ engine, note }) => `\\* ${engine}: ${note}.`);
}

/** What the executor did before the first step. @param {Row} row */
function findingsOf({ workload, precision, findings }) {
  if (!findings) return [];
  const { proven, proofMs, excluded, tuned, tuningMs } = findings;
  const faster = tuned.map(({ name, shapes, fastest, times }) => {
    const measured = Object.entries(times).map(([variant, ms]) => `${variant} ${ms.toFixed(3)} ms`);
    return `${name} ${shapes}: ${fastest} (${measured.join(', ')})`;
  });
  return [
    `- ${workload}, ${precision}: ${proven} kernels proven in ${proofMs.toFixed(0)} ms${tuned.length > 0 ? `, variants measured in ${tuningMs.toFixed(0)} ms` : ''}`,
    ...[...faster, ...excluded.map((reason) => `given up: ${reason}`)].map((line) => `  - ${line}`),
  ];
}

/** @param {Row} row */
function kernelTable({ workload, engine, precision, kernels }) {
  if (!kernels || kernels.length === 0) return [];
  const all = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const rest = kernels.slice(kernelsShown);
  const line = (/** @type {string} */ label, /** @type {number} */ count, /** @type {number} */ ms) =>
    `| ${label} | ${count} | ${ms.toFixed(3)} | ${((100 * ms) / all).toFixed(1)} % |`;
  return [
    `Kernels of ${engine}, ${workload}, ${precision} (each dispatch in a pass of its own):`,
    '',
    '| kernel, last dimensions of its first and last value | dispatches | ms | share |',
    '|---|---|---|---|',
    ...kernels.slice(0, kernelsShown).map(({ label, dispatches, ms }) => line(label, dispatches, ms)),
    ...(rest.length > 0
      ? [
          line(
            `${rest.length} others`,
            rest.reduce((sum, { dispatches }) => sum + dispatches, 0),
            rest.reduce((sum, { ms }) => sum + ms, 0),
          ),
        ]
      : []),
    '',
  ];
}

/** Three digits that mean something. @param {number} value */
function number(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/**
 * @template T
 * @param {T | null} value
 * @param {(value: T) => string} format
 */
function optional(value, format) {
  return value === null ? '–' : format(value);
}
