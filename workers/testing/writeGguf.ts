import { ggufHeader, paddingAfter, type WrittenMetadata } from '../files/ggufWriter';

export interface WrittenTensor {
  name: string;
  /** As PyTorch says it. */
  shape: readonly number[];
  /** ggml's number of the type. */
  type: number;
  bytes: Uint8Array;
  /** Where the header says that it begins; where it does, unless given. */
  offset?: number;
}

/** A whole GGUF file, also one that no sound writer would make. */
export function writeGguf(
  metadata: WrittenMetadata,
  tensors: readonly WrittenTensor[] = [],
  alignment = 32,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const described = tensors.map(({ bytes, offset = end, ...tensor }) => {
    end += bytes.length + paddingAfter(bytes.length, alignment);
    return { ...tensor, offset };
  });
  const header = ggufHeader(metadata, described, alignment);
  const file = new Uint8Array(header.length + end);
  file.set(header);
  let at = header.length;
  for (const { bytes } of tensors) {
    file.set(bytes, at);
    at += bytes.length + paddingAfter(bytes.length, alignment);
  }
  return file;
}
