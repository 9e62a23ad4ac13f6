import type { DatasetSummary } from '../../../workers/api/dataset';
import { skippedRows } from '../../state/commands';
import { LinkButton } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { saveFile } from '../../ui/saveFile';
import '../../ui/Table.css';

/** Why rows were left out, how many, and where the first of them stands. */
export function SkippedRows({ dataset }: { dataset: DatasetSummary }) {
  const { skipped, rowCount } = dataset;
  if (skipped.length === 0) return null;
  const count = skipped.reduce((sum, entry) => sum + entry.count, 0);
  return (
    <section className="skipped" aria-label="Skipped rows" data-testid="skipped-rows">
      <div className="skipped-head">
        <h3>Skipped rows</h3>
        <span>
          <b>{formatCount(count)}</b> of {formatCount(rowCount + count)}.{' '}
          <LinkButton onClick={() => void save()} data-testid="download-skipped">
            Download as CSV
          </LinkButton>
        </span>
      </div>
      <table className="table">
        <thead>
          <tr>
            <th>Why</th>
            <th className="num">Rows</th>
            <th className="num">First</th>
            <th>What stands there</th>
          </tr>
        </thead>
        <tbody>
          {skipped.map(({ code, reason, count: rows, firstRow, excerpt }) => (
            <tr key={code}>
              <td>{reason.charAt(0).toUpperCase() + reason.slice(1)}</td>
              <td className="num">{formatCount(rows)}</td>
              <td className="num">{formatCount(firstRow)}</td>
              <td className="clip" title={excerpt}>
                <code>{excerpt}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

async function save(): Promise<void> {
  const { name, blob } = await skippedRows();
  saveFile(name, blob);
}
