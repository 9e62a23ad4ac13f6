import type { RunResult } from '../../../workers/api/results';
import { Panel } from '../../ui/Panel';
import { ClusterOfResult } from './ClusterFolder';
import { MergedModel } from './MergedModel';
import { ModelCard } from './ModelCard';
import { PushToHub } from './PushToHub';

const id = 'take-away';

/** What can be made of a result beyond the adapter's zip, each way folded to its name and one sentence. */
export function TakeAway({ result }: { result: RunResult }) {
  return (
    <Panel level={3} title="Take it away" id={id}>
      <MergedModel result={result} />
      <ModelCard />
      <PushToHub result={result} />
      <ClusterOfResult result={result} />
    </Panel>
  );
}

/** From elsewhere on the page. */
export function showTakeAway(): void {
  const place = document.getElementById(id);
  place?.scrollIntoView();
  place?.focus({ preventScroll: true });
}
