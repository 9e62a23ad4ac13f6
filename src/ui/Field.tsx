import { Fragment, type ReactNode } from 'react';
import './Field.css';

interface FieldProps {
  /** Id of the control. */
  htmlFor: string;
  label: string;
  /** Hugging Face name, in mono; the field is then one of a grid. */
  name?: string;
  /** At the right of the label, in mono: an option of the command line. */
  aside?: string;
  /** One sentence. */
  help?: ReactNode;
  /** What is wrong, with the value met and the remedy; replaces the help. */
  problem?: string | null;
  children: ReactNode;
}

/** Plain label, Hugging Face name, control, one sentence. Give the control `aria-describedby={helpId(htmlFor)}`. */
export function Field({ htmlFor, label, name, aside, help, problem, children }: FieldProps) {
  return (
    <div className={name === undefined ? 'field' : 'field set'}>
      <label htmlFor={htmlFor}>
        {label}
        {name !== undefined && <HuggingFaceName name={name} />}
        {aside !== undefined && <span className="mono">{aside}</span>}
      </label>
      {children}
      <p className={problem ? 'help problem' : 'help'} id={helpId(htmlFor)}>
        {problem ?? help}
      </p>
    </div>
  );
}

export function helpId(controlId: string): string {
  return `${controlId}-help`;
}

/** Breaks at underscores when the column is narrow. */
function HuggingFaceName({ name }: { name: string }) {
  return (
    <span className="mono">
      {name.split(/(?<=_)/).map((part, index) => (
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </span>
  );
}
