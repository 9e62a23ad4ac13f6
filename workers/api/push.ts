import type { SliceQuery } from './slices';
import type { CardEdit } from './card';

/** Whose token was given, as the Hub knows it. */
export interface HubAccount {
  name: string;
  /** Where the account may have repositories too. */
  organisations: string[];
  /** False for a token that may only read; null where the Hub does not say, as for fine-grained ones. */
  canWrite: boolean | null;
}

/** What goes to the Hub. */
export type PushContent =
  { what: 'adapter' } | { what: 'merged'; type: 'float16' | 'float32' } | { what: 'gguf'; type: 'gguf-f16' | 'gguf-q8_0' };

/** A file of what is pushed. */
export interface PushFile {
  name: string;
  sizeBytes: number;
}

/** What a push would do. */
export interface PushPlan {
  /** "owner/name", the account's own name before it where none was given. */
  id: string;
  /** True: its files of the same names are replaced by a new commit; who may see it stays as it is. */
  exists: boolean;
  files: PushFile[];
}

export interface PushOrder {
  content: PushContent;
  id: string;
  /** Only for a repository that does not exist yet. */
  isPrivate: boolean;
  card: CardEdit;
  slices: SliceQuery;
}

/** Where it lies now. */
export interface Pushed {
  id: string;
  url: string;
  /** 40 hexadecimal digits. */
  commit: string;
}

export interface PushProgress {
  /** `packing`: the files are written on this device; `checking`: their checksums are made. */
  phase: 'packing' | 'checking' | 'uploading' | 'committing';
  doneBytes: number;
  totalBytes: number;
}
