/** A model of the Hugging Face Hub. */
export interface HubModelReference {
  /** "owner/name", or the address of its page. */
  id: string;
  /** Branch, tag or commit; "main" where it is left out. */
  revision?: string;
  /** One file that holds all weights, such as "model-q4_0.gguf"; where it is left out, the safetensors. */
  file?: string;
}

/** A model that a search found, as the Hub describes it before anything of it is asked for; what it leaves out is null. */
export interface FoundModel {
  id: string;
  /** `model_type` of its config.json, or the architecture of its GGUF files. */
  modelType: string | null;
  /** Whether that is an architecture of ours; true where the Hub does not tell, since its files will. */
  isKnownArchitecture: boolean;
  format: 'safetensors' | 'gguf' | null;
  parameterCount: number | null;
  /** Of its safetensors. */
  sizeBytes: number | null;
  /** A type of its numbers that is not float, such as "U8". */
  packedAs: string | null;
  licence: string | null;
  asksForAccess: boolean;
  /** What its weights alone take in memory, by the count of its parameters; a run's own plan is exact. */
  weightBytes: { float16: number; int8: number; int4: number } | null;
}

export interface HubSearch {
  models: FoundModel[];
  /** What the device has room for, whatever the user allows; null where it does not tell. */
  limitBytes: number | null;
}

export interface HubPlanFile {
  path: string;
  sizeBytes: number;
  /** As many bytes are on this device; checked against the Hub's checksum once they are all here. */
  keptBytes: number;
}

/** What this page may keep on the device. */
export interface StorageUse {
  usedBytes: number;
  /** Granted by the browser. */
  quotaBytes: number;
}

/** What a model will take before a byte of its weights is downloaded. */
export interface HubModelPlan {
  id: string;
  /** As asked for. */
  revision: string;
  /** The commit that the revision stands for. */
  commit: string;
  /** As asked for; null for safetensors. */
  file: string | null;
  /** What is needed, the weights last. */
  files: HubPlanFile[];
  totalBytes: number;
  keptBytes: number;
  /** Files that stay on the Hub. */
  otherFiles: { count: number; sizeBytes: number };
  /** GGUF files to choose from, smallest first. */
  ggufFiles: { path: string; sizeBytes: number }[];
  /** Of the safetensors, as the Hub counts; null where it does not tell. */
  parameterCount: number | null;
  /** As the model's page states. */
  licence: string | null;
  /** Its owners grant access on its page. */
  isGated: boolean;
  /** The Hub did not answer, so this is what is kept on the device. */
  isFromDevice: boolean;
  /** Null where the browser lets the page keep nothing, so that every run downloads the weights again. */
  storage: StorageUse | null;
}

/** A model kept on the device, whole or in part. */
export interface KeptModel {
  id: string;
  revision: string;
  commit: string;
  file: string | null;
  keptBytes: number;
  totalBytes: number;
  /** Milliseconds since 1970. */
  lastUsedMs: number;
}

export interface KeptModels {
  /** Last used first. */
  models: KeptModel[];
  /** Of all kept models; files that models share count once. */
  keptBytes: number;
  storage: StorageUse | null;
}

export interface DownloadProgress {
  id: string;
  commit: string;
  /** Under way now. */
  file: string;
  loadedBytes: number;
  totalBytes: number;
  /** Null until a second is measured. */
  bytesPerSecond: number | null;
  secondsLeft: number | null;
  /** The last word of this download, whole or not. */
  isOver: boolean;
}
