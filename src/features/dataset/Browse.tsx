import { NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { BrowsedRow, BrowsedRows, BrowseOrder, BrowseQuery } from '../../../workers/api/browse';
import type { DatasetSummary } from '../../../workers/api/dataset';
import { browseDataset, browsedRows } from '../../state/commands';
import { Button, LinkButton } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { saveFile } from '../../ui/saveFile';
import '../../ui/Table.css';
import own from './browse.module.css';
import styles from './dataset.module.css';
import { matches } from './matches';
import { splitParts } from './splitParts';

const pageRows = 10;
const settleMs = 200;
const start: BrowseQuery = { search: '', label: null, split: null, order: 'file', offset: 0, count: pageRows };

const orders: { value: BrowseOrder; label: string }[] = [
  { value: 'file', label: 'As in the file' },
  { value: 'longest', label: 'Longest first' },
  { value: 'shortest', label: 'Shortest first' },
];

/** All rows, a page at a time: searched, by class and part, in order of length. */
export function Browse({ dataset }: { dataset: DatasetSummary }) {
  const [query, setQuery] = useState(start);
  const [page, setPage] = useState<BrowsedRows | null>(null);
  const [isOld, setIsOld] = useState(true);
  const change = (part: Partial<BrowseQuery>) => setQuery((before) => ({ ...before, offset: 0, ...part }));
  useEffect(() => {
    let isWanted = true;
    setIsOld(true);
    const timer = setTimeout(() => {
      void browseDataset(query).then((found) => {
        if (!isWanted || !found) return;
        setPage(found);
        setIsOld(false);
      });
    }, settleMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [query, dataset]);
  return (
    <section className={styles.part} aria-label="Browse" data-testid="browse">
      <div className={styles.partHead}>
        <h3>Browse</h3>
        {page && (
          <p className="reading" aria-live="polite">
            <b>{formatCount(page.matched)}</b> of {formatCount(page.total)} rows
          </p>
        )}
      </div>
      <Filters dataset={dataset} query={query} onChange={change} />
      {page && page.matched === 0 ? (
        <p className="help">
          No row matches. <LinkButton onClick={() => setQuery(start)}>Show all rows</LinkButton>
        </p>
      ) : (
        <div className={isOld ? own.wait : undefined} aria-busy={isOld}>
          <Rows dataset={dataset} page={page} search={query.search} />
        </div>
      )}
      {page && page.matched > 0 && <Pages page={page} query={query} onTurn={(offset) => setQuery({ ...query, offset })} />}
    </section>
  );
}

interface FiltersProps {
  dataset: DatasetSummary;
  query: BrowseQuery;
  onChange: (part: Partial<BrowseQuery>) => void;
}

function Filters({ dataset, query, onChange }: FiltersProps) {
  const { labels, mapping, split } = dataset;
  const picks = {
    classNames: { input: 'input' },
    rightSection: <Icon name="down" />,
    rightSectionPointerEvents: 'none' as const,
  };
  return (
    <div className={own.browse}>
      <TextInput
        type="search"
        aria-label="Search the texts"
        placeholder="Search the texts"
        data-testid="browse-search"
        value={query.search}
        onChange={(event) => onChange({ search: event.currentTarget.value })}
        classNames={{ input: 'input' }}
      />
      {labels.length > 0 && (
        <NativeSelect
          {...picks}
          aria-label={`Class in ${mapping.label}`}
          data-testid="browse-label"
          data={[{ value: '', label: `Any ${mapping.label}` }, ...labels.map(({ name }) => ({ value: `=${name}`, label: name }))]}
          value={query.label === null ? '' : `=${query.label}`}
          onChange={({ currentTarget: { value } }) => onChange({ label: value === '' ? null : value.slice(1) })}
        />
      )}
      <NativeSelect
        {...picks}
        aria-label="Part"
        data-testid="browse-split"
        data={[
          { value: '', label: 'Any part' },
          ...splitParts.filter(({ name }) => split[name] > 0).map(({ name, label }) => ({ value: name, label })),
        ]}
        value={query.split ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onChange({ split: splitParts.find(({ name }) => name === value)?.name ?? null })
        }
      />
      <NativeSelect
        {...picks}
        aria-label="Order"
        data-testid="browse-order"
        data={orders}
        value={query.order}
        onChange={({ currentTarget: { value } }) =>
          onChange({ order: orders.find((order) => order.value === value)?.value ?? 'file' })
        }
      />
    </div>
  );
}

function Rows({ dataset, page, search }: { dataset: DatasetSummary; page: BrowsedRows | null; search: string }) {
  const { mapping, labels } = dataset;
  const columns = page?.columns ?? [];
  return (
    <div className={styles.scroll}>
      <table className="table" data-testid="browse-rows">
        <caption className="sr">Rows of the dataset as the model reads them</caption>
        <thead>
          <tr>
            <th className="num">Row</th>
            <th>{mapping.text}</th>
            {labels.length > 0 && <th>{mapping.label}</th>}
            {columns.map((column) => (
              <th key={column}>{column}</th>
            ))}
            <th className="num">Tokens</th>
            <th>Part</th>
          </tr>
        </thead>
        <tbody>
          {page?.rows.map((row) => (
            <Row key={`${row.split} ${row.row}`} row={row} search={search} hasLabels={labels.length > 0} />
          )) ?? (
            <tr>
              <td colSpan={5} className="quiet">
                Looking through the rows…
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  row: { row, text, label, others, tokens, split },
  search,
  hasLabels,
}: {
  row: BrowsedRow;
  search: string;
  hasLabels: boolean;
}) {
  return (
    <tr>
      <td className="rownum">{formatCount(row)}</td>
      <td className="clip" title={text}>
        {matches(text, search.trim()).map(({ isMatch, part }, index) => (isMatch ? <b key={index}>{part}</b> : part))}
      </td>
      {hasLabels && (
        <td>
          <span className="chip" title={label ?? ''}>
            {label}
          </span>
        </td>
      )}
      {others.map((cell, index) => (
        <td className="quiet" key={index}>
          <span className="chip" title={cell}>
            {cell}
          </span>
        </td>
      ))}
      <td className="num">{tokens === null ? '…' : formatCount(tokens)}</td>
      <td>{split}</td>
    </tr>
  );
}

function Pages({ page, query, onTurn }: { page: BrowsedRows; query: BrowseQuery; onTurn: (offset: number) => void }) {
  const last = Math.min(page.matched, query.offset + pageRows);
  return (
    <div className={own.pages}>
      <Button size="sm" disabled={query.offset === 0} onClick={() => onTurn(Math.max(0, query.offset - pageRows))}>
        Before
      </Button>
      <span className="quiet">
        {formatCount(query.offset + 1)} to {formatCount(last)}
      </span>
      <Button size="sm" disabled={last >= page.matched} onClick={() => onTurn(query.offset + pageRows)} data-testid="browse-next">
        Next
      </Button>
      <LinkButton onClick={() => void save(query)} data-testid="browse-download">
        Download as CSV
      </LinkButton>
    </div>
  );
}

async function save(query: BrowseQuery): Promise<void> {
  const { name, blob } = await browsedRows(query);
  saveFile(name, blob);
}
