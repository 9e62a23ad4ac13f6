import { useMemo } from 'react';
import { Button } from '../../ui/Button';
import { Panel } from '../../ui/Panel';
import type { ChosenCell } from './cell';
import { helpNotes, type Weighing } from './helpNotes';
import type { JudgedResult } from './judged';
import styles from './WhatMayHelp.module.css';

interface WhatMayHelpProps {
  result: JudgedResult;
  /** Null where no run of ours trained it. */
  weighing: Weighing | null;
  onChoose: (cell: ChosenCell) => void;
}

/** What the errors of many classes say of the data; nothing where they say nothing. */
export function WhatMayHelp({ result, weighing, onChoose }: WhatMayHelpProps) {
  const notes = useMemo(() => helpNotes(result, weighing), [result, weighing]);
  if (notes.length === 0) return null;
  return (
    <Panel level={3} title="What may help">
      <ul className={styles.notes}>
        {notes.map(({ title, words, cell }) => (
          <li key={title}>
            <p>
              <b>{title}</b> {words}
            </p>
            {cell && (
              <Button size="sm" onClick={() => onChoose({ role: 'tuned', ...cell })}>
                Show texts
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
