import { dropFiles, loadSample } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { openHubDatasets } from '../../state/hubDatasetCommands';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { useFileDrop } from '../../ui/useFileDrop';
import { pickFile } from './FileInputs';
import { settlingWave } from './wave';
import './Welcome.css';

const wave = settlingWave();

/** The first visit: what the page does, and the zone that takes a file. */
export function Welcome() {
  const { isOver, handlers } = useFileDrop((files) => void dropFiles(files));
  const waiting = useSession((state) => state.heldFiles.validation ?? state.heldFiles.test);
  return (
    <section className="hero" id="data" tabIndex={-1}>
      <h1>Teach a language model your labels, in this tab</h1>
      <p>
        Drop a table of texts and labels. Watch the model learn to tell them apart. Keep an adapter that Hugging Face PEFT loads.
      </p>
      <div className={isOver ? 'drop is-over' : 'drop'} {...handlers}>
        <SettlingWave />
        <strong>{isOver ? 'Let go to read it' : 'Drop a table here'}</strong>
        <p>
          One column with the text, one with the label: CSV, JSON, Parquet, plain text or a zip, or paste rows. Several files at
          once where their names say train, validation and test.
        </p>
        <div className="row">
          <Button kind="go" size="big" onClick={() => pickFile('train')}>
            Choose a file
          </Button>
          <Button size="big" data-testid="use-sample" onClick={() => void loadSample()}>
            Use the sample
          </Button>
          <Button size="big" data-testid="hub-dataset-open" onClick={openHubDatasets}>
            From the Hugging Face Hub
          </Button>
        </div>
        <p className="quiet sample">The sample has 1,303 short bank messages in eight classes and trains in about a minute.</p>
        {waiting && <p className="sample">{waiting.name} waits for its training file.</p>}
      </div>
      <p className="privacy">
        <Icon name="lock" />
        <span>
          Your texts stay on this device: they are read and used in this tab, kept here for your next visit unless you switch that
          off, and sent nowhere.
        </span>
      </p>
    </section>
  );
}

function SettlingWave() {
  return (
    <svg className="wave" viewBox="0 0 1000 124" preserveAspectRatio="none" aria-hidden="true">
      <defs>
        <linearGradient id="wave-colours">
          <stop offset="0.42" stopColor="var(--base-mark)" />
          <stop offset="0.66" stopColor="var(--tuned-mark)" />
        </linearGradient>
      </defs>
      <path d={wave} fill="none" stroke="url(#wave-colours)" strokeWidth="1.75" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
