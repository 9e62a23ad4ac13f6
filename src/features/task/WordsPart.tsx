import { beginnings, labelWordsProblem, withWord, wordFor } from '../../../workers/api/labelWords';
import { usePreview, useSession } from '../../state/hooks';
import { setSetting, type SettingsReading } from '../../state/settings';
import '../../ui/Table.css';
import styles from './task.module.css';

/** Each label with the word that stands for it, and the tokens that are scored. */
export function WordsPart({ reading }: { reading: SettingsReading }) {
  const dataset = useSession((state) => state.dataset);
  const { preview } = usePreview();
  const labels = dataset?.labels.map(({ name }) => name) ?? [];
  const words = reading.settings.labelWords;
  const problem = labelWordsProblem(labels, words);
  const [alike, ...more] = beginnings(labels, words);
  const all = labels.map((label) => wordFor(label, words));
  const isAlone = (label: string) => {
    const word = wordFor(label, words);
    return word !== '' && all.indexOf(word) === all.lastIndexOf(word);
  };
  const known = new Map((preview?.answers?.words ?? []).map(({ label, word, tokens }) => [label, { word, tokens }]));
  return (
    <div id="setting-label_words" tabIndex={-1} className={styles.words}>
      <h3>Words for the labels</h3>
      <div className={styles.wordList}>
        <table className="table" data-testid="setting-label_words">
          <thead>
            <tr>
              <th>Label</th>
              <th>The model answers</th>
              <th>As tokens</th>
            </tr>
          </thead>
          <tbody>
            {labels.map((label) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td className={Object.hasOwn(words, label) ? 'is-changed' : undefined}>
                  <input
                    className={`input ${styles.word}`}
                    data-testid="label-word"
                    data-label={label}
                    aria-label={`Word for ${label}`}
                    aria-invalid={!isAlone(label)}
                    value={Object.hasOwn(words, label) ? words[label] : label}
                    onChange={(event) =>
                      setSetting('labelWords', JSON.stringify(withWord(words, label, event.currentTarget.value)))
                    }
                    spellCheck={false}
                    autoCapitalize="off"
                    autoComplete="off"
                  />
                </td>
                <td>
                  <span className={styles.wordTokens}>
                    {known.get(label)?.tokens.map((token, index) => (
                      <span key={index} className={styles.loss}>
                        {token}
                      </span>
                    ))}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problem && <p className="help problem">{problem}</p>}
      {!problem && alike && (
        <p className="help">
          “{alike.long}” begins with “{alike.short}”{more.length > 0 && `, and ${more.length} more words with another`}: allowed,
          but the shorter word is always the likelier of the two. Words that begin apart are told apart sooner.
        </p>
      )}
    </div>
  );
}
