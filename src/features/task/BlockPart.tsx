import { useSession } from '../../state/hooks';
import type { SettingsReading } from '../../state/settings';
import { Fact, Facts } from '../../ui/Facts';
import { formatCount } from '../../ui/format';

/** How a corpus is cut. */
export function BlockPart({ reading }: { reading: SettingsReading }) {
  const plan = useSession((state) => state.plan);
  const { maxLength } = reading.settings;
  const known = plan?.task === 'text' ? plan : null;
  return (
    <div>
      <h3>How the texts are cut</h3>
      <p className="help">
        The texts follow one another, each closed by the end-of-text token where the model has one, and are cut into blocks of{' '}
        <span className="mono">max_length</span> tokens. Every token but a block’s first is learned. The run is judged by
        perplexity, before and after.
      </p>
      <Facts>
        <Fact name="Texts" value={known && formatCount(known.tokens.texts)} none="Being counted" note="in all splits" />
        <Fact name="Tokens a block" value={Number.isFinite(maxLength) ? formatCount(maxLength) : null} note="max_length" />
        <Fact name="Blocks to train on" value={known && formatCount(known.trainRows)} none="Being counted" />
      </Facts>
    </div>
  );
}
