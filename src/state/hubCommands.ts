import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { HubModelPlan, HubModelReference, KeptModel } from '../../workers/api/hub';
import { trainer } from '../client/trainerClient';
import { hubStore, isOf } from './hub';
import { askToPersist } from './persistence';
import { forgetAccount } from './push';
import { announce } from './session';

// In no store: what a store holds, others may show, log or remember.
let token: string | null = null;

/** For a worker that starts anew. */
export function givenToken(): string | null {
  return token;
}

/**
 * Asks what a model takes, then chooses it by `choose`. One that is refused for want of a permission leaves what was looked up
 * before in its place. Rejects with a TuneletError.
 */
export async function lookUp<Chosen>(source: HubModelReference, choose: () => Promise<Chosen>): Promise<Chosen> {
  const asking = reference(source);
  hubStore.setState({ asking, refused: null, downloadError: null });
  let plan: HubModelPlan | null = null;
  try {
    plan = await trainer().inspectHubModel(asking);
    const chosen = await choose();
    hubStore.setState({ asked: asking, plan });
    return chosen;
  } catch (thrown) {
    if (reportOf(thrown).details['access'] !== undefined) hubStore.setState({ refused: asking });
    else if (plan) hubStore.setState({ asked: asking, plan });
    throw thrown;
  } finally {
    hubStore.setState({ asking: null });
  }
}

/** Downloads what is missing of the model that was looked up last; with `wanted`, only where that is the one. */
export async function downloadModel(wanted?: { id: string; commit: string }): Promise<void> {
  const { asked, plan: lookedUp } = hubStore.getState();
  if (!asked || (wanted && !(lookedUp && isOf(lookedUp, wanted)))) return;
  hubStore.setState({ downloadError: null });
  void askToPersist();
  try {
    const plan = await trainer().downloadHubModel(reference(asked));
    hubStore.setState((state) => ({ plan: state.plan && !isOf(state.plan, plan) ? state.plan : plan }));
    announce(`${plan.id} is on this device.`);
  } catch (thrown) {
    const report = reportOf(thrown);
    // Whoever pressed Pause knows.
    if (report.code !== 'hub/cancelled') hubStore.setState({ downloadError: report });
    announce(report.message);
  }
  await refreshKept();
  await refreshPlan();
}

/** Stops the download; what came stays and is the start of the next one. */
export async function pauseDownload(): Promise<void> {
  await trainer().cancelDownload();
}

/** As `pauseDownload`, and gives the place on the disk back. */
export async function dropDownload(): Promise<void> {
  const { plan } = hubStore.getState();
  await trainer().cancelDownload();
  if (plan) await deleteKept(plan);
}

/** Asks again what is kept on the device. */
export async function refreshKept(): Promise<void> {
  try {
    hubStore.setState({ kept: await trainer().listKeptModels() });
  } catch (thrown) {
    hubStore.setState({ keptError: reportOf(thrown) });
  }
}

export async function deleteKept({ id, commit, file }: Pick<KeptModel, 'id' | 'commit' | 'file'>): Promise<void> {
  try {
    hubStore.setState({ kept: await trainer().deleteKeptModel({ id, commit, file }), keptError: null });
    announce(`${id} is deleted from this device.`);
  } catch (thrown) {
    hubStore.setState({ keptError: reportOf(thrown) });
  }
  await refreshPlan();
}

/** Null forgets it. Returns what is wrong with it, or null. */
export async function giveToken(text: string | null): Promise<ErrorReport | null> {
  try {
    await trainer().setHubToken(text);
  } catch (thrown) {
    return reportOf(thrown);
  }
  token = text;
  hubStore.setState({ hasToken: text !== null });
  // Whoever gave it may be somebody else.
  forgetAccount();
  return null;
}

/** The figures of the model looked up last; where they cannot be had, those before them stay. */
export async function refreshPlan(): Promise<void> {
  const { asked, plan } = hubStore.getState();
  if (!asked || !plan) return;
  const fresh = await trainer()
    .inspectHubModel(reference(asked))
    .catch(() => plan);
  hubStore.setState((state) => (state.asked === asked ? { plan: fresh } : state));
}

/** Only what the worker is to know. */
function reference({ id, revision, file }: HubModelReference): HubModelReference {
  return { id, ...(revision !== undefined && { revision }), ...(file !== undefined && { file }) };
}
