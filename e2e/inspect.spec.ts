import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tableFiles } from '../workers/testing/tableFiles';
import { messages } from './files';
import { expect, test } from './support';

/** `npm run tune -- --inspect` as a script would call it. */
async function inspect(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/tune.mjs', '--inspect', ...words], { timeout: 150_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test('a script gets the dataset in figures, one JSON object, or the error as one', async () => {
  const outputPath = (name: string): string => test.info().outputPath(name);
  const rows = messages(30).map(({ text, kind }) => ({ text: `<b>${text}</b>`, kind, channel: 'web' }));
  const path = outputPath('messages.jsonl');
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join('') + '{"text": "cut off\n');
  const lines = messages(30).map(({ text, kind }) => Buffer.from(`${text}\0${kind}\n`));
  const read = await inspect('--data', path, '--text-column', 'text', '--label-column', 'kind', '--set', 'clean.html=true');
  expect(read).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(read.stdout)).toEqual({
    rows: 30,
    columns: { text: 'text', label: 'kind' },
    labels: { complaint: 10, praise: 10, question: 10 },
    splits: { train: 24, validation: 3, test: 3 },
    skipped: [{ reason: 'that are no JSON object', count: 1, firstRow: 31 }],
    warnings: [],
    hash: createHash('sha256')
      .update(Buffer.concat(lines.toSorted((a, b) => Buffer.compare(a, b))))
      .digest('hex'),
  });

  const broken = outputPath('broken.parquet');
  await writeFile(broken, 'PAR1 and no end');
  const refused = await inspect('--data', broken);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(JSON.parse(refused.stderr)).toEqual({
    error: { code: 'data/bad-parquet', message: expect.stringContaining('broken.parquet'), remedy: expect.stringMatching(/\w/) },
  });
  const missing = await inspect('--data', outputPath('nothing.csv'));
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(JSON.parse(missing.stderr)).toMatchObject({ error: { code: 'usage' } });
});

/** What the formats are called here, and the file that a user would have. */
const formats = {
  comma: 'messages.csv',
  'carriage returns': 'messages crlf.csv',
  'semicolon with mark': 'messages semicolon.csv',
  'quoted tabs': 'messages.tsv',
  'unquoted tabs': 'messages unquoted.tsv',
  'JSON lines': 'messages.jsonl',
  JSON: 'messages.json',
  Parquet: 'messages.parquet',
  gzip: 'messages.csv.gz',
  folders: 'messages.zip',
};

test('the same 200 rows in ten formats are the same dataset to a script', async () => {
  const rows = messages(200).map(({ text, kind }) => ({ text: `${text}, said "${kind}"; é 😀`, label: kind }));
  const written = tableFiles(rows);
  const paths = await Promise.all(
    Object.entries(formats).map(async ([format, name]) => {
      const path = test.info().outputPath(name);
      await writeFile(path, new Uint8Array(await written.get(format)!.arrayBuffer()));
      return path;
    }),
  );
  const { code, stdout, stderr } = await inspect('--each', ...paths.flatMap((path) => ['--data', path]));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = rows.map(({ text, label }) => Buffer.from(`${text}\0${label}\n`));
  const hash = createHash('sha256')
    .update(Buffer.concat(lines.toSorted((a, b) => Buffer.compare(a, b))))
    .digest('hex');
  const reports = stdout.trim().split('\n');
  expect(reports.map((report) => JSON.parse(report))).toEqual(
    Object.keys(formats).map(() =>
      expect.objectContaining({ rows: 200, columns: { text: 'text', label: 'label' }, skipped: [], hash }),
    ),
  );
});
