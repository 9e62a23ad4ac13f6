import { formatShare } from '../../charts/format';
import { ShareHistogram } from '../../charts/ShareHistogram';
import { medianOf } from '../../charts/shareBins';
import { Panel } from '../../ui/Panel';
import type { JudgedResult } from './judged';

/** How good the tuned model is at how many classes. */
export function ClassHistogram({ result }: { result: JudgedResult }) {
  const values = result.tuned.perClass.map(({ f1 }) => f1);
  const title = `F1 of the ${values.length} classes`;
  return (
    <Panel
      level={3}
      title={title}
      reading={
        <>
          <span className="is-tuned">tuned</span>, median {formatShare(medianOf(values))}
        </>
      }
    >
      <ShareHistogram values={values} name={title} />
    </Panel>
  );
}
