import type { KeptRun } from '../../api/runs';
import type { RunDetails } from '../../runs/details';
import { judge, judgeWritten } from '../run/judge';
import { judgedByClasses, type Judged, type SharedResult } from '../run/outcome';
import type { JudgedAnswers, JudgedClasses } from '../run/runJudge';

/** What a kept run came to, computed from its predictions as it was when it ended. */
export function reopen(run: KeptRun, details: RunDetails): Judged {
  const { labels, trainExamples, classWeights, skippedSteps, rateHalvedAfter } = details;
  const { tokensPerSecond, adapterBytes, python, baseFilesOffered } = details;
  const shared: SharedResult = {
    name: run.name,
    origin: run.origin,
    modelName: run.model.name,
    datasetName: run.dataset.name,
    labels,
    trainExamples,
    settings: run.origin === 'import' ? null : run.settings,
    classWeights,
    preparation: run.preparation,
    steps: run.steps,
    bestStep: run.bestStep,
    skippedSteps,
    rateHalvedAfter,
    stopped: run.stopped,
    elapsedSeconds: run.elapsedSeconds,
    tokensPerSecond,
    adapterBytes,
    python,
    baseFilesOffered,
  };
  const { figures } = run;
  const judged = judgedClasses(run, details);
  if (judged) {
    const columns = new Map(details.columns.map(({ column, ...grouping }) => [column, grouping]));
    return judgedByClasses(shared, run.task === 'prompt' ? 'prompt' : 'head', judged, { seed: run.settings.seed, columns });
  }
  const plain = figures.kind === 'text' ? figures : { split: figures.split, tokens: 0, base: nothing, tuned: nothing };
  const { split, tokens, base, tuned } = plain;
  return { result: { ...shared, task: 'text', split, tokens, base, tuned }, classes: null };
}

const nothing = { loss: NaN, perplexity: NaN };

/** Null for plain text. */
export function judgedClasses({ settings }: KeptRun, { judged, labels: names }: RunDetails): JudgedClasses | null {
  if (!judged) return null;
  const { split, texts, labels, base, tuned, written } = judged;
  const read = { texts, labels };
  const { seed } = settings;
  const answers: JudgedAnswers | null = written && {
    rows: [...written.rows],
    base: judgeWritten(split, read, [...written.rows], written.base, names, seed),
    tuned: judgeWritten(split, read, [...written.rows], written.tuned, names, seed),
  };
  return {
    kind: 'classes',
    base: judge(split, read, base, names, seed),
    tuned: judge(split, read, tuned, names, seed),
    written: answers,
  };
}
