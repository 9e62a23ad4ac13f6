import { TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { Button } from './Button';
import { Field, helpId } from './Field';

interface TokenFormProps {
  /** Of the field, its label and, with "-use" and "-forget", of its buttons. */
  id: string;
  /** What may be done with it. */
  name?: string;
  /** Whether a token is held already. */
  hasToken: boolean;
  text: string;
  /** What is wrong with the one that was given. */
  problem: string | null;
  help: string;
  isBusy: boolean;
  autoFocus?: boolean;
  onText: (text: string) => void;
  /** Null: the one that is held is forgotten. */
  onGive: (token: string | null) => void;
}

/** A token of the Hub; it is shown to nobody and kept by whoever holds `text`. */
export function TokenForm({
  id,
  name = 'read token',
  hasToken,
  text,
  problem,
  help,
  isBusy,
  autoFocus = false,
  onText,
  onGive,
}: TokenFormProps) {
  const isEmpty = text.trim() === '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isEmpty) onGive(text);
  };
  return (
    <form className="gate-form" onSubmit={submit} autoComplete="off">
      <Field
        htmlFor={id}
        label={hasToken ? `Another ${name}` : name.replace(/^./, (first) => first.toUpperCase())}
        help={help}
        problem={problem}
      >
        <TextInput
          type="password"
          id={id}
          data-testid={id}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          placeholder="hf_…"
          autoComplete="off"
          autoFocus={autoFocus}
          spellCheck={false}
          aria-describedby={helpId(id)}
          classNames={{ input: 'input' }}
        />
      </Field>
      <div className="row">
        <Button size="sm" type="submit" disabled={isEmpty || isBusy} data-testid={`${id}-use`}>
          Use the token
        </Button>
        {hasToken && (
          <Button size="sm" kind="text" onClick={() => onGive(null)} data-testid={`${id}-forget`}>
            Forget the token
          </Button>
        )}
      </div>
    </form>
  );
}
