import { useState, type DragEvent } from 'react';

/** Most files taken from one drop; a folder dropped by mistake may hold any number. */
const fileLimit = 200;

/** Handlers that make an element take dropped files and folders, and whether files are over it now. */
export function useFileDrop(onFiles: (files: File[]) => void, disabled = false) {
  const [isOver, setIsOver] = useState(false);
  const handlers = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = disabled ? 'none' : 'copy';
      setIsOver(!disabled);
    },
    onDragLeave: (event: DragEvent<HTMLElement>) => {
      const into = event.relatedTarget;
      if (!(into instanceof Node) || !event.currentTarget.contains(into)) setIsOver(false);
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setIsOver(false);
      if (!disabled) void droppedFiles(event.dataTransfer).then((files) => files.length > 0 && onFiles(files));
    },
  };
  return { isOver, handlers };
}

/** Dropped files, those in dropped folders included (one level deep in each folder, as model folders are). */
async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Entries must be taken before the first await: the browser empties the transfer after the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...transfer.files].slice(0, fileLimit);
  const nested = await Promise.all(entries.map(async (entry) => (isFolder(entry) ? readFolder(entry) : [entry])));
  const files = nested.flat().filter(isFile).slice(0, fileLimit);
  return Promise.all(files.map((entry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))));
}

async function readFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  while (found.length < fileLimit) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) break;
    found.push(...batch);
  }
  return found;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
