// The kernel suites' and the parity's result as Markdown.

/**
 * @param {import('./dawn/suites').SuitesAnswer} answer
 * @param {{ device: string, runtime: string, command: string }} run
 * @returns {{ text: string, failures: number }}
 */
export function suitesMarkdown({ ops, parity, messages }, { device, runtime, command }) {
  const wrong = ops.flatMap(({ op, path, numbers, failures }) =>
    failures.map((failure) => `${op}, ${path}, ${numbers}: ${failure}`),
  );
  const far = parity
    .filter(({ deviation, tolerance }) => !(deviation < tolerance))
    .map(({ model, path, quantity, deviation }) => `${model}, ${path}: ${quantity} is off by ${deviation.toExponential(2)}`);
  const cases = ops.reduce((sum, result) => sum + result.cases, 0);
  const text = [
    `Device: ${device}; ${runtime}; ${new Date().toISOString().slice(0, 10)}; \`${command}\``,
    '',
    `${cases} cases of ${new Set(ops.map(({ op }) => op)).size} ops on ${new Set(ops.map(({ path }) => path)).size} paths, ` +
      `${wrong.length} beyond their tolerance; ${parity.length} quantities of ${new Set(parity.map(({ model }) => model)).size} models, ${far.length} beyond theirs.`,
    '',
    ...[...wrong, ...far].map((line) => `- ${line}`),
    '',
    '| op | path | numbers | cases | largest deviation | tolerance |',
    '|---|---|---|---|---|---|',
    ...ops.map(
      ({ op, path, numbers, cases: count, deviation, tolerance }) =>
        `| ${op} | ${path} | ${numbers} | ${count} | ${deviation.toExponential(1)} | ${tolerance.toExponential(1)} |`,
    ),
    '',
    '| model | path | quantities | largest deviation over its tolerance |',
    '|---|---|---|---|',
    ...parityLines(parity),
    '',
    ...[...new Set(messages)].map((message) => `Compiler: ${message}`),
    '',
  ].join('\n');
  return { text, failures: wrong.length + far.length };
}

/** @param {import('./dawn/suites').SuitesAnswer['parity']} parity */
function parityLines(parity) {
  const keys = [...new Set(parity.map(({ model, path }) => `${model} | ${path}`))];
  return keys.map((key) => {
    const members = parity.filter(({ model, path }) => `${model} | ${path}` === key);
    const [worst] = members.toSorted((a, b) => b.deviation / b.tolerance - a.deviation / a.tolerance);
    if (!worst) return '';
    const share = `${worst.deviation.toExponential(1)} of ${worst.tolerance.toExponential(0)}: ${worst.quantity}`;
    return `| ${key} | ${members.length} | ${share} |`;
  });
}
