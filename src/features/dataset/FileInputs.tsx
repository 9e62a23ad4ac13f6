import type { ChangeEvent } from 'react';
import { addFiles, dropFiles } from '../../state/commands';

const accept = '.csv,.tsv,.txt,.jsonl,.ndjson,text/csv,text/tab-separated-values,text/plain';

/** The inputs behind every "choose a file" of the dataset; always there, so that scripts can fill them. */
export function DatasetFileInputs() {
  return (
    <>
      <input
        id="file-train"
        data-testid="file-train"
        type="file"
        hidden
        multiple
        accept={accept}
        onChange={take((files) => dropFiles(files))}
      />
      <input
        id="file-validation"
        data-testid="file-validation"
        type="file"
        hidden
        accept={accept}
        onChange={take(([validation]) => (validation ? addFiles({ validation }) : undefined))}
      />
      <input
        id="file-test"
        data-testid="file-test"
        type="file"
        hidden
        accept={accept}
        onChange={take(([test]) => (test ? addFiles({ test }) : undefined))}
      />
    </>
  );
}

/** Opens the browser's dialogue for one of the inputs. */
export function pickFile(part: 'train' | 'validation' | 'test'): void {
  document.getElementById(`file-${part}`)?.click();
}

function take(use: (files: File[]) => unknown) {
  return (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    // Cleared, so that the same file can be chosen again after it was mended.
    event.target.value = '';
    if (files.length > 0) use(files);
  };
}
