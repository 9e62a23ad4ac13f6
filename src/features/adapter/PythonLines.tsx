import { useState } from 'react';
import { IconButton } from '../../ui/Button';
import styles from './adapter.module.css';

/** Lines that run as they stand, with a button that copies them. */
export function PythonLines({ python }: { python: string }) {
  const [said, setSaid] = useState('');
  const copy = () => {
    navigator.clipboard.writeText(python).then(
      () => setSaid('Copied'),
      () => setSaid('The browser did not allow it; select the lines and copy them'),
    );
    setTimeout(() => setSaid(''), 4000);
  };
  return (
    <div className={styles.python}>
      <pre tabIndex={0} aria-label="Python lines that load the adapter">
        <code>
          {python.split('\n').map((line, index) => (
            <span key={index}>
              <PythonLine line={line} />
              {'\n'}
            </span>
          ))}
        </code>
      </pre>
      <IconButton icon="copy" label="Copy the Python lines" onClick={copy} />
      <p role="status" className={styles.said}>
        {said}
      </p>
    </div>
  );
}

/** Keywords of import lines stand back, comments too. */
function PythonLine({ line }: { line: string }) {
  if (/^\s*#/.test(line)) return <i>{line}</i>;
  if (!/^\s*(from|import)\s/.test(line) && !/\sas\s\w+\)?$/.test(line)) return <>{line}</>;
  return line.split(/\b(from|import|as)\b/).map((part, index) => (index % 2 === 1 ? <i key={index}>{part}</i> : part));
}
