import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint';

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ text: `row ${(index * 7919) % count}`, label: `${index % 3}` }));

function expected(rows: readonly { text: string; label: string }[]): string {
  const lines = rows.map(({ text, label }) => Buffer.from(`${text}\0${label}\n`));
  return createHash('sha256')
    .update(Buffer.concat(lines.toSorted(Buffer.compare)))
    .digest('hex');
}

describe('fingerprint', () => {
  it.each([0, 1, 2, 4096, 4097, 20_000])('is the hash of %i sorted rows', async (count) => {
    expect(await fingerprint(rowsOf(count))).toBe(expected(rowsOf(count)));
  });

  it('does not depend on the order, and sorts by bytes (property)', async () => {
    const row = fc.record({ text: fc.string({ unit: 'binary' }), label: fc.constantFrom('', 'a', '\t', 'é') });
    await fc.assert(
      fc.asyncProperty(fc.array(row), async (rows) => {
        const whole = rows.map(({ text, label }) => ({ text: Buffer.from(text).toString(), label }));
        expect(await fingerprint(whole)).toBe(expected(whole));
        expect(await fingerprint(whole.toReversed())).toBe(expected(whole));
      }),
    );
  });

  it('takes rows longer than a chunk', async () => {
    const rows = [{ text: 'é'.repeat(3_000_000), label: 'x' }, ...rowsOf(5)];
    expect(await fingerprint(rows)).toBe(expected(rows));
  });
});
