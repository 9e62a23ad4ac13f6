import { useSession } from '../../state/hooks';
import { dismissNotice } from '../../state/session';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { splitMessage } from '../../ui/splitMessage';

/** What happened while no run was under way, or to a run that this tab no longer has. */
export function SaidNotices() {
  const notices = useSession((state) => state.notices);
  return notices.map((notice) => <SaidNotice key={notice} words={notice} />);
}

function SaidNotice({ words }: { words: string }) {
  const { happened, values } = splitMessage(words);
  const dismiss = (
    <Button size="sm" onClick={() => dismissNotice(words)}>
      Dismiss
    </Button>
  );
  return (
    <Notice kind="warn" title={happened} actions={dismiss}>
      {values || undefined}
    </Notice>
  );
}
