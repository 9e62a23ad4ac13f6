import type { ChangeEvent } from 'react';
import { addFiles, dropFiles } from '../../state/commands';

/** The inputs behind every "choose a file" of the dataset; always there, so that scripts can fill them. Any file may be chosen: its content says what it is. */
export function DatasetFileInputs() {
  return (
    <>
      <input id="file-train" data-testid="file-train" type="file" hidden multiple onChange={take((files) => dropFiles(files))} />
      <input
        id="file-validation"
        data-testid="file-validation"
        type="file"
        hidden
        onChange={take(([validation]) => (validation ? addFiles({ validation }) : undefined))}
      />
      <input
        id="file-test"
        data-testid="file-test"
        type="file"
        hidden
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
