import type { DatasetSummary } from '../../../workers/api/dataset';
import { formatCount } from '../../ui/format';
import '../../ui/Table.css';

/** The first rows as they will be used. */
export function Preview({ dataset }: { dataset: DatasetSummary }) {
  const hasLabels = dataset.labels.length > 0;
  return (
    <table className="table preview">
      <caption className="sr">The first rows</caption>
      <thead>
        <tr>
          <th className="num">Row</th>
          <th>{dataset.mapping.text}</th>
          {hasLabels && <th>{dataset.mapping.label}</th>}
        </tr>
      </thead>
      <tbody>
        {dataset.preview.slice(0, 5).map((row) => (
          <tr key={row.row}>
            <td className="rownum">{formatCount(row.row)}</td>
            <td className="clip" title={row.text}>
              {row.text}
            </td>
            {hasLabels && (
              <td>
                <span className="chip" title={row.label}>
                  {row.label}
                </span>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
