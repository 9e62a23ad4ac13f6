import { Panel } from '../../ui/Panel';
import '../../ui/Table.css';
import { useRun } from '../../state/hooks';

/** Of plain text: how many tokens the model is, as it were, torn between at each place. */
export function Perplexity() {
  const base = useRun((state) => state.baseLoss);
  const losses = useRun((state) => state.losses);
  return (
    <Panel level={3} title="Perplexity" reading="on the validation texts, less is better">
      {base === null ? (
        <p className="label">The base model is evaluated first; then its figure stands here.</p>
      ) : (
        <table className="table" data-testid="perplexities">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col" className="num">
                Perplexity
              </th>
              <th scope="col" className="num">
                Loss
              </th>
            </tr>
          </thead>
          <tbody>
            {[base, ...losses].map(({ step, loss, best }, index) => (
              <tr key={index} className={index === 0 ? 'is-base' : 'is-tuned'}>
                <td>
                  {index === 0 ? 'Base model' : step}
                  {best && ', the best so far'}
                </td>
                <td className="num">{Math.exp(loss).toFixed(2)}</td>
                <td className="num">{loss.toFixed(4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
