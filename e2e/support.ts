import { readFile } from 'node:fs/promises';
import { test as base, expect } from '@playwright/test';
import type { BrowserContext, Download, Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import type { Figures } from '../src/features/adapter/figures';
import type { ClassResult } from '../workers/api/results';
import { downloadFrom } from '../scripts/drivePage.mjs';

export { expect };

/** What the browser logs as a mere warning but means that a kernel or buffer is wrong. */
const gpuTrouble =
  /uncaptured|GPUValidation|GPUInternal|GPUOutOfMemory|invalid (buffer|bind|command|compute|shader)|while (calling|validating|encoding)/i;

/** Every test fails on an error in the console of page or workers, on WebGPU trouble, and on a request to another host. */
export const test = base.extend<{ expectedProblems: RegExp | null; problems: string[] }>({
  /** What a journey brings about on purpose. */
  expectedProblems: [null, { option: true }],
  problems: [
    async ({ context, expectedProblems }, use) => {
      const problems = watch(context);
      await use(problems);
      const unexpected = problems.filter((problem) => !expectedProblems?.test(problem));
      expect(unexpected, 'the console and the network stay clean').toEqual([]);
    },
    { auto: true },
  ],
});

function watch(context: BrowserContext): string[] {
  const problems: string[] = [];
  context.on('console', (message) => {
    const isTrouble = message.type() === 'error' || gpuTrouble.test(message.text());
    if (isTrouble) problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => problems.push(`uncaught: ${error.error().message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    const isOwn = url.protocol === 'blob:' || url.protocol === 'data:' || url.hostname === 'localhost';
    if (!isOwn) problems.push(`request to another host: ${request.url()}`);
  });
  return problems;
}

/** The whole result, and the device's label. */
export type Outcome = ClassResult & { device: string };

/** The text of what “Download the figures” gives. */
export async function readFigures(page: Page): Promise<string> {
  return strFromU8(await bytesOf(await downloadFrom(page, 'download-metrics')));
}

/** What “Download the figures” gives; its summary must say what its whole result says. */
export async function downloadFigures(page: Page): Promise<Outcome> {
  const { device, result, tuned, base, split }: Figures = JSON.parse(await readFigures(page));
  expect([tuned.accuracy, tuned.macroF1, base.accuracy]).toEqual([
    result.tuned.accuracy,
    result.tuned.macro.f1,
    result.base.accuracy,
  ]);
  expect(split).toBe(result.tuned.split);
  return { ...result, device };
}

export interface DownloadedAdapter {
  /** As the browser would save it. */
  name: string;
  zip: Buffer;
  files: Record<string, Uint8Array>;
}

export async function downloadAdapter(page: Page): Promise<DownloadedAdapter> {
  const download = await downloadFrom(page, 'download-adapter');
  const zip = await bytesOf(download);
  return { name: download.suggestedFilename(), zip, files: unzipSync(zip) };
}

export async function bytesOf(download: Download): Promise<Buffer> {
  return readFile(await download.path());
}

/** Checks what holds for the figures of every run. */
export function expectConsistent(figures: Outcome): void {
  for (const evaluation of [figures.base, figures.tuned]) {
    const counted = evaluation.confusion.flat().reduce((sum, count) => sum + count, 0);
    const right = evaluation.confusion.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
    expect(counted).toBe(evaluation.count);
    expect(evaluation.accuracy).toBeCloseTo(right / counted, 9);
    expect(evaluation.confusion).toHaveLength(figures.labels.length);
    expect(Number.isFinite(evaluation.loss)).toBe(true);
  }
  expect(figures.device).not.toBe('');
}
