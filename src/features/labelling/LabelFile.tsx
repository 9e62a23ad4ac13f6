import { useRef, useState } from 'react';
import type { KeptLabelling, LabellingSource } from '../../../workers/api/labelling';
import type { TextPair } from '../../../workers/api/dataset';
import { useLabelling } from '../../state/hooks';
import { openTable } from '../../state/labelling';
import { Button } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { useFileDrop } from '../../ui/useFileDrop';
import { Labelled } from './Labelled';
import { LabellingWork } from './LabellingWork';
import { StartLabelling } from './StartLabelling';
import styles from './labelling.module.css';

interface LabelFileProps {
  /** Null where nothing is there that labels: then a table of an earlier visit waits for it. */
  source: LabellingSource | null;
  /** Of a model that learned from pairs. */
  pair: TextPair | null;
}

/** A file without labels goes in, the same table with labels comes out. */
export function LabelFile({ source, pair }: LabelFileProps) {
  const input = useRef<HTMLInputElement>(null);
  const { kept, work, progress, error, file } = useLabelling();
  const { isOver, handlers } = useFileDrop(([first]) => void (first && openTable(first)), work !== null);
  const choose = () => input.current?.click();
  return (
    <Panel level={3} id="label-a-file" title="Label a file" reading={readingOf(kept, work, file)}>
      <div data-over={isOver} data-testid="label-panel" className={styles.panel} {...handlers}>
        <input
          ref={input}
          data-testid="label-file"
          aria-label="File to label"
          type="file"
          hidden
          disabled={work !== null}
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            // Cleared, so that the same file can be chosen again after it was mended.
            event.target.value = '';
            if (chosen) void openTable(chosen);
          }}
        />
        {error && <ErrorNotice report={error} actions={<ReadOtherwise offer={error.details['offer']} file={file} />} />}
        {work ? (
          <LabellingWork work={work} progress={progress} />
        ) : (
          <KeptTable kept={kept} source={source} pair={pair} onChoose={choose} />
        )}
      </div>
    </Panel>
  );
}

function KeptTable({ kept, source, pair, onChoose }: LabelFileProps & { kept: KeptLabelling | null; onChoose: () => void }) {
  const [isAgain, setIsAgain] = useState(false);
  if (!kept) return <DropZone onChoose={onChoose} />;
  const table = kept.kind === 'opened' ? kept.table : kept.labelled.table;
  if (kept.kind === 'labelled' && !isAgain)
    return <Labelled labelled={kept.labelled} onChoose={onChoose} onAgain={() => setIsAgain(true)} />;
  return (
    <StartLabelling
      key={`${table.name} ${table.rowCount} ${pair?.column ?? ''}`}
      table={table}
      source={source}
      pair={pair}
      onChoose={onChoose}
      onStart={() => setIsAgain(false)}
      onBack={kept.kind === 'labelled' ? () => setIsAgain(false) : null}
    />
  );
}

function DropZone({ onChoose }: { onChoose: () => void }) {
  return (
    <div className={styles.drop}>
      <p>
        <strong>Drop a table without labels</strong>
        CSV, JSON, JSON lines, Parquet or plain text, also in gzip or zip. It comes back with a label, its probability and one
        column for each class. It is read and written on this device, so it may be larger than memory.
      </p>
      <Button onClick={onChoose} data-testid="choose-label-file">
        Choose a file
      </Button>
    </div>
  );
}

/** What an error offers: the same file, read in another way. */
function ReadOtherwise({ offer, file }: { offer: unknown; file: File | null }) {
  if (!file) return null;
  if (offer === 'windows-1252')
    return (
      <Button size="sm" onClick={() => void openTable(file, { encoding: 'windows-1252' })}>
        Read as windows-1252
      </Button>
    );
  if (offer === 'leave-out-broken-rows')
    return (
      <Button size="sm" onClick={() => void openTable(file, { leaveOutBrokenRows: true })}>
        Leave broken rows out
      </Button>
    );
  return null;
}

/** Which table it is about: the one that is read now, or the one that lies here. */
function readingOf(kept: KeptLabelling | null, work: 'reading' | 'labelling' | null, file: File | null) {
  if (work === 'reading') return file && <TableName name={file.name} />;
  if (!kept) return undefined;
  const { name, rowCount } = kept.kind === 'opened' ? kept.table : kept.labelled.table;
  return <TableName name={name} rowCount={rowCount} />;
}

function TableName({ name, rowCount }: { name: string; rowCount?: number }) {
  return (
    <span className={styles.name} title={name}>
      <Icon name="file" /> {name}
      {rowCount !== undefined && (
        <>
          , <b>{formatCount(rowCount)}</b> rows
        </>
      )}
    </span>
  );
}
