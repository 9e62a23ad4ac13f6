import { useId, useState } from 'react';
import { setBands } from '../../state/slices';
import { LinkButton } from '../../ui/Button';
import { defaultBands, mostBandWords, type SliceGroup, type WordBands } from '../../../workers/api/slices';
import { readBands } from './readBands';
import type { SlicesView } from './useSlices';
import shared from './shared.module.css';
import styles from './slices.module.css';

/** The head of the slices by length: where the bands of words part, to be moved. */
export function SliceBands({ view, division }: { view: SlicesView; division: SliceGroup['division'] }) {
  const { bands } = view.query;
  const shown = bands ?? defaultBands;
  const [problem, setProblem] = useState<string | null>(null);
  const move = (change: Partial<Record<keyof WordBands, string>>) => {
    const reading = readBands({ shortBelow: String(shown.shortBelow), longAbove: String(shown.longAbove), ...change });
    setProblem('problem' in reading ? reading.problem : null);
    if ('bands' in reading && (bands !== null || !isDefault(reading.bands))) setBands(reading.bands);
  };
  return (
    <>
      <span>
        By length, in words
        {division === 'quartiles' && <small className={styles.quartiles}>quartiles, as a band would have no text</small>}
      </span>
      <span className={styles.bands}>
        Bands at
        <Band
          key={`below ${shown.shortBelow}`}
          label="Short texts have fewer words than"
          testId="band-short"
          words={shown.shortBelow}
          onMove={(words) => move({ shortBelow: words })}
        />
        and
        <Band
          key={`above ${shown.longAbove}`}
          label="Long texts have more words than"
          testId="band-long"
          words={shown.longAbove}
          onMove={(words) => move({ longAbove: words })}
        />
        {bands !== null && (
          <LinkButton
            onClick={() => {
              setProblem(null);
              setBands(null);
            }}
          >
            Reset
          </LinkButton>
        )}
      </span>
      {problem !== null && (
        <span className={styles.problem} role="alert">
          {problem}
        </span>
      )}
    </>
  );
}

function isDefault({ shortBelow, longAbove }: WordBands): boolean {
  return shortBelow === defaultBands.shortBelow && longAbove === defaultBands.longAbove;
}

interface BandProps {
  label: string;
  testId: string;
  words: number;
  onMove: (words: string) => void;
}

/** Moves the band when it is left, by Enter or by the arrows' end. */
function Band({ label, testId, words, onMove }: BandProps) {
  const [draft, setDraft] = useState(String(words));
  const id = useId();
  const move = () => {
    if (draft !== String(words)) onMove(draft);
  };
  return (
    <input
      id={id}
      className={shared.control}
      type="number"
      min={1}
      max={mostBandWords}
      step={1}
      aria-label={label}
      data-testid={testId}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={move}
      onKeyDown={(event) => {
        if (event.key === 'Enter') move();
      }}
    />
  );
}
