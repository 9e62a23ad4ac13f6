import type { ErrorReport } from '../../../workers/api/errors';
import { formatCount } from '../../ui/format';
import './Excerpt.css';
import { excerptOf } from './excerptLines';

/** The lines of the file around the place of an error, the guilty one marked; nothing where the error names no place. */
export function Excerpt({ report }: { report: ErrorReport }) {
  const excerpt = excerptOf(report);
  if (!excerpt) return null;
  return (
    <figure className="excerpt" aria-label={`${excerpt.counts} of the file around the place`} data-testid="excerpt">
      <ol>
        {excerpt.lines.map(({ number, text, mark, isGuilty, remark }) => (
          <li key={number} className={isGuilty ? 'guilty' : undefined}>
            <span className="number">{formatCount(number)}</span>
            <code>{mark === null ? text : <Marked text={text} mark={mark} />}</code>
            {remark !== null && <span className="remark">{remark}</span>}
          </li>
        ))}
      </ol>
    </figure>
  );
}

function Marked({ text, mark }: { text: string; mark: number }) {
  return (
    <>
      {text.slice(0, mark)}
      <mark>{text.slice(mark, mark + 1)}</mark>
      {text.slice(mark + 1)}
    </>
  );
}
