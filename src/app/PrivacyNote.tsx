import { useEffect, useState } from 'react';
import { findEnforcement, type Enforcement } from '../client/enforcement';
import { BarMenu } from './BarMenu';

/** The promise in the bar; pressed, it says what is behind it. */
export function PrivacyNote() {
  return (
    <BarMenu
      icon="lock"
      label={<span className="opt">Your data stays on this device</span>}
      title="What leaves this tab"
      name="What leaves this tab"
      width={336}
      testIds={{ badge: 'privacy', menu: 'privacy-note' }}
    >
      {() => <PrivacyWords />}
    </BarMenu>
  );
}

function PrivacyWords() {
  const [enforcement, setEnforcement] = useState<Enforcement | null | undefined>();
  useEffect(() => void findEnforcement().then(setEnforcement), []);
  return (
    <div className="menu-privacy">
      <b>What leaves this tab</b>
      <p>
        Our code sends your data nowhere: not your texts, labels and files, nor what you write in the playground, nor the adapter,
        unless you push it to the Hub yourself.
      </p>
      {enforcement !== undefined && <p data-testid="enforcement">{enforcementWords(enforcement)}</p>}
      <b>Contacted when you ask for it</b>
      <dl>
        <dt>huggingface.co</dt>
        <dd>
          What you search for there, the names of models and datasets you look up or download, your token if you gave one; what
          you push there
        </dd>
        <dt>datasets-server.huggingface.co</dt>
        <dd>The names of datasets you look up or download, and your token if you gave one</dd>
        <dt>Its storage, under hf.co and cdn-lfs.huggingface.co</dt>
        <dd>Downloads are fetched from there, large files you push go there; never your token</dd>
      </dl>
    </div>
  );
}

function enforcementWords(enforcement: Enforcement | null): string {
  if (enforcement === null) return 'Whether the browser enforces it cannot be told now: this page’s own host does not answer.';
  if (enforcement.page && enforcement.worker)
    return 'The browser enforces it: it blocks requests to any host but this page’s own and those below.';
  if (enforcement.page)
    return 'The browser blocks the page’s requests to any host but its own and those below. For the worker that computes it does not, because this host sends no policy with it.';
  return 'The browser does not enforce it here, because this host sends no policy.';
}
