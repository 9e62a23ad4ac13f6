import type { ListedChecksum } from './checksum';

/** A file as the Hub lists it. */
export interface ListedFile {
  path: string;
  sizeBytes: number;
  checksum: ListedChecksum;
}

/** A repository at one commit, as the Hub's API describes it. */
export interface HubListing {
  id: string;
  commit: string;
  files: ListedFile[];
  parameterCount: number | null;
  licence: string | null;
  isGated: boolean;
}
