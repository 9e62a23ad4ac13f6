import { useState } from 'react';
import { IconButton } from '../../ui/Button';
import { Segments } from '../../ui/Segments';
import type { UsageLines as Lines } from '../../../workers/api/trainerApi';
import styles from './adapter.module.css';

/** Lines that run as they stand beside a download, for one of the programs that take it, with a button that copies them. */
export function UsageLines({ lines, of }: { lines: readonly Lines[]; of: string }) {
  const [chosen, setChosen] = useState(lines[0]?.tool);
  const shown = lines.find(({ tool }) => tool === chosen) ?? lines[0];
  if (!shown) return null;
  return (
    <>
      {lines.length > 1 && (
        <div className={styles.tools}>
          <Segments
            label={`Program for the ${of}`}
            value={shown.tool}
            options={lines.map(({ tool }) => ({ value: tool, label: toolWords[tool] }))}
            onChange={setChosen}
          />
        </div>
      )}
      <CopiedLines key={shown.tool} {...shown} of={of} />
    </>
  );
}

const toolWords = { PEFT: 'PEFT', transformers: 'transformers', 'llama.cpp': 'llama.cpp', 'llama-cpp-python': 'Python', Ollama: 'Ollama' } as const; // prettier-ignore
const shells: readonly Lines['tool'][] = ['llama.cpp', 'Ollama'];

function CopiedLines({ tool, text, of }: Lines & { of: string }) {
  const [said, setSaid] = useState('');
  const isShell = shells.includes(tool);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('The browser did not allow it; select the lines and copy them'),
    );
    setTimeout(() => setSaid(''), 4000);
  };
  return (
    <div className={styles.python}>
      <pre
        tabIndex={0}
        data-wraps={isShell || undefined}
        aria-label={`${isShell ? 'Commands' : 'Python lines'} that use the ${of} with ${tool}`}
        data-testid="usage-lines"
      >
        <code>
          {text.split('\n').map((line, index) => (
            <span key={index}>
              {isShell ? line : <PythonLine line={line} />}
              {'\n'}
            </span>
          ))}
        </code>
      </pre>
      <IconButton icon="copy" label={isShell ? 'Copy the commands' : 'Copy the Python lines'} onClick={copy} />
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
