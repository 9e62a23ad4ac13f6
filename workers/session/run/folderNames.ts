/** A folder's name that every system takes. */
export function adapterFolder(runName: string): string {
  return `${plainName(runName)}-adapter`;
}

/** The same for base and adapter as one model. */
export function mergedFolder(runName: string): string {
  return `${plainName(runName)}-merged`;
}

/** The same for a run that goes on elsewhere. */
export function clusterFolder(runName: string): string {
  return `${plainName(runName)}-cluster`;
}

/** A file's or folder's name that every system takes. */
export function plainName(runName: string): string {
  const plain = runName
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.slice(0, 80) || 'tunelet';
}
