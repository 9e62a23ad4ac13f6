import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { RunResult } from '../../workers/api/results';
import type { Archive, ClusterStart } from '../../workers/api/trainerApi';
import { trainer } from '../client/trainerClient';
import { forgetExport } from './merged';

/** A folder for a cluster, which is packed on while another place is looked at. */
export interface PackingState {
  isPacking: boolean;
  /** Why there is none, of which result; null: of the run that is prepared. */
  problem: { of: RunResult | null; report: ErrorReport } | null;
}

export const packingStore = createStore<PackingState>(() => ({ isPacking: false, problem: null }));

/** Null where it failed, which the store tells, or was stopped. */
export async function packForCluster(start: ClusterStart, of: RunResult | null): Promise<Archive | null> {
  packingStore.setState({ isPacking: true, problem: null });
  try {
    return await trainer().exportCluster(start);
  } catch (thrown) {
    const report = reportOf(thrown);
    if (report.code !== 'export/cancelled') packingStore.setState({ problem: { of, report } });
    return null;
  } finally {
    packingStore.setState({ isPacking: false });
    forgetExport();
  }
}

export function stopPacking(): void {
  void trainer().cancelExport();
}
