import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';
import './Notice.css';
import { splitMessage } from './splitMessage';

interface NoticeProps {
  /** `warn`: something happened, work is safe. `error`: you must decide. */
  kind?: 'info' | 'warn' | 'error';
  /** What happened. */
  title: ReactNode;
  /** Values and remedy. */
  children?: ReactNode;
  /** Buttons, size sm. */
  actions?: ReactNode;
  /** Under the words instead of beside them: for actions that take more than a word or two. */
  actionsBelow?: boolean;
  icon?: IconName;
}

export function Notice({ kind = 'info', title, children, actions, actionsBelow = false, icon }: NoticeProps) {
  const names = ['notice', kind === 'info' ? '' : kind, actionsBelow ? 'is-stacked' : ''];
  return (
    <div className={names.filter(Boolean).join(' ')} role={kind === 'error' ? 'alert' : undefined}>
      <Icon name={icon ?? kind} />
      <NoticeBody title={title}>{children}</NoticeBody>
      {actions !== undefined && <div className="acts">{actions}</div>}
    </div>
  );
}

function NoticeBody({ title, children }: Pick<NoticeProps, 'title' | 'children'>) {
  return (
    <div className="body">
      <b>{title}</b>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

interface ErrorNoticeProps {
  /** An `ErrorReport` of the trainer. */
  report: { code: string; message: string; remedy: string };
  actions?: ReactNode;
}

/** What went wrong and what to do; `data-testid="error"` with code, message and remedy lets scripts read it. */
export function ErrorNotice({ report, actions }: ErrorNoticeProps) {
  const { happened, values } = splitMessage(report.message);
  return (
    <div
      className="notice error"
      role="alert"
      data-testid="error"
      data-code={report.code}
      data-message={report.message}
      data-remedy={report.remedy}
    >
      <Icon name="error" />
      <NoticeBody title={happened}>{[values, report.remedy].filter(Boolean).join(' ')}</NoticeBody>
      {actions !== undefined && <div className="acts">{actions}</div>}
    </div>
  );
}
