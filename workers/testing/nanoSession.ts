import type { TrainerEvent } from '../api/events';
import { Session } from '../session/session';
import { nanoFiles } from './nanoFiles';

/** A session on the processor with the embedded model's files chosen, and with data where there are some. */
export async function nanoSession(
  train: File | null,
  listener: (event: TrainerEvent) => void = () => {},
  session: Session = new Session(),
): Promise<Session> {
  await session.connect(listener, 'wasm', 'http://localhost/');
  if (train) await session.loadDataset({ train });
  await session.chooseModel({ kind: 'files', files: nanoFiles });
  return session;
}
