import { useEffect, useRef } from 'react';

/** Takes files, or a table as text, that are pasted anywhere but into a field. */
export function usePaste(onFiles: (files: File[]) => void, disabled = false): void {
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  useEffect(() => {
    if (disabled) return;
    const paste = (event: ClipboardEvent) => {
      if (isField(event.target) || event.clipboardData === null) return;
      // Spreadsheets put a picture of the cells beside their text.
      const files = [...event.clipboardData.files].filter(({ type }) => !type.startsWith('image/'));
      const text = event.clipboardData.getData('text/plain');
      // A word or two is no table.
      if (files.length === 0 && !text.trim().includes('\n')) return;
      event.preventDefault();
      latest.current(files.length > 0 ? files : [new File([text], 'pasted text', { type: 'text/plain' })]);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, [disabled]);
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}
