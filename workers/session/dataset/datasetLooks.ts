import type { BrowsedRows, BrowseQuery } from '../../api/browse';
import type { CleaningReport } from '../../api/cleaning';
import type { SplitName } from '../../api/dataset';
import { TuneletError } from '../../api/errors';
import { splitNames } from '../../api/splitNames';
import type { Archive } from '../../api/trainerApi';
import { findRows, foundRowsAsCsv, showRow, shownColumns, type FoundRows } from '../../data/browse';
import { countTextsInTwoSplits, reportOnCleaning } from '../../data/clean/cleaningReport';
import type { Dataset } from '../../data/dataset';
import type { EncodedDataset } from '../tasks/encodedDataset';
import type { ChosenModel } from '../model/modelRoom';

/** Looks through all texts of a dataset, of which a newer one of the same kind ends the one before: its answer is then null. */
export class DatasetLooks {
  private readonly looks = new Map<string, AbortController>();
  private found: { dataset: Dataset; key: string; rows: FoundRows } | null = null;

  /** The rows found last; for another dataset. */
  forget(): void {
    this.found = null;
  }

  async cleaningReport(dataset: Dataset): Promise<CleaningReport | null> {
    return this.lookThrough('cleaning', async (signal) => {
      const report = await reportOnCleaning(dataset.uncleaned, dataset.cleaning, signal);
      const parted = dataset.splitOptions.sameTextTogether ? dataset.withSplit({ sameTextTogether: false }) : dataset;
      const inTwoSplits = await countTextsInTwoSplits(
        splitNames.map((split) => parted.texts(split)),
        signal,
      );
      return { ...report, inTwoSplits };
    });
  }

  /** With a `tokenizer` every row tells how many tokens it has. */
  async browse(
    dataset: Dataset,
    query: BrowseQuery,
    { lengths, tokenizer }: { lengths: EncodedDataset | null; tokenizer: ChosenModel['tokenizer'] | null },
  ): Promise<BrowsedRows | null> {
    const found = await this.find(dataset, query, lengths);
    if (!found) return null;
    const { offset, count, search } = query;
    const tokensOf = tokenizer && ((text: string) => tokenizer.encode(text).length);
    const shown = Math.max(0, Math.min(found.length - offset, count));
    return {
      rows: Array.from({ length: shown }, (_, at) => showRow(dataset, found.at(offset + at), search, tokensOf)),
      matched: found.length,
      total: splitNames.reduce((sum, split) => sum + dataset.count(split), 0),
      columns: dataset.otherColumns('train').slice(0, shownColumns),
    };
  }

  /** All that match, as CSV. */
  async browsedRows(dataset: Dataset, query: BrowseQuery, lengths: EncodedDataset | null): Promise<Archive> {
    const found = await this.find(dataset, query, lengths);
    if (!found) throw new TuneletError('session/busy', 'Another search took the place of this one.', 'Ask for the file again.');
    const blob = new Blob([foundRowsAsCsv(dataset, found)], { type: 'text/csv' });
    return { name: `${dataset.opened.name.replace(/(\.[a-z]+)+$/i, '')} rows.csv`, blob };
  }

  /** The rows of the last search are kept, so that turning its pages costs nothing. */
  private async find(
    dataset: Dataset,
    { search, label, split, order }: BrowseQuery,
    lengths: EncodedDataset | null,
  ): Promise<FoundRows | null> {
    const key = JSON.stringify([search, label, split, order]);
    if (this.found?.dataset === dataset && this.found.key === key) return this.found.rows;
    const lengthsOf = lengths && ((part: SplitName) => lengths.lengths(part));
    const rows = await this.lookThrough('browsing', (signal) =>
      findRows(dataset, { search, label, split, order }, lengthsOf, signal),
    );
    if (rows) this.found = { dataset, key, rows };
    return rows;
  }

  /** A look at all texts, which a newer one of its kind ends; null where that happened. */
  private async lookThrough<Result>(
    kind: 'cleaning' | 'browsing',
    look: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result | null> {
    this.looks.get(kind)?.abort();
    const own = new AbortController();
    this.looks.set(kind, own);
    try {
      return await look(own.signal);
    } catch (thrown) {
      if (own.signal.aborted) return null;
      throw thrown;
    }
  }
}
