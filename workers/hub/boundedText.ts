/**
 * The content of an answer, and no more of it than is allowed for; null where there is more.
 * @throws what the connection throws when it breaks
 */
export async function boundedText(response: Response, mostBytes: number): Promise<string | null> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  let loadedBytes = 0;
  for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
    loadedBytes += read.value.length;
    if (loadedBytes > mostBytes) {
      await reader?.cancel();
      return null;
    }
    pieces.push(read.value);
  }
  return new Blob(pieces).text();
}
