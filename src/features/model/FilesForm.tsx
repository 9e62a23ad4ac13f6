import { useEffect, useRef, type ChangeEvent } from 'react';
import { chooseModel } from '../../state/commands';
import { Button } from '../../ui/Button';
import { useFileDrop } from '../../ui/useFileDrop';

/** The input behind "choose files"; always there, so that scripts can fill it. */
export function ModelFileInput() {
  return <input id="file-model" data-testid="file-model" type="file" hidden multiple onChange={takeFiles} />;
}

/** A model's own files, dropped or chosen. */
export function FilesForm({ locked }: { locked: boolean }) {
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // React knows no such attribute.
    if (folder.current) folder.current.webkitdirectory = true;
  }, []);
  const { isOver, handlers } = useFileDrop((files) => void chooseModel({ kind: 'files', files }), locked);
  return (
    <div className={isOver ? 'files-drop is-over' : 'files-drop'} {...handlers}>
      <p>
        Drop a folder or its files here: <span className="mono">config.json</span>, <span className="mono">tokenizer.json</span>{' '}
        (or <span className="mono">vocab.json</span> and <span className="mono">merges.txt</span>) and{' '}
        <span className="mono">model.safetensors</span>; or a single GGUF file.
      </p>
      <div className="row">
        <Button onClick={() => document.getElementById('file-model')?.click()}>Choose files</Button>
        <Button onClick={() => folder.current?.click()}>Choose a folder</Button>
        <input ref={folder} type="file" hidden onChange={takeFiles} aria-label="Folder with a model" />
      </div>
    </div>
  );
}

function takeFiles(event: ChangeEvent<HTMLInputElement>): void {
  const files = [...(event.target.files ?? [])];
  event.target.value = '';
  if (files.length > 0) void chooseModel({ kind: 'files', files });
}
