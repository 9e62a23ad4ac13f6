import { TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { chooseModel } from '../../state/commands';
import { useHub, useSession } from '../../state/hooks';
import { Button, LinkButton } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';

const suggestions = [
  { id: 'openai-community/gpt2', words: '124 M parameters, 548 MB' },
  { id: 'distilbert/distilgpt2', words: '82 M parameters, 353 MB' },
] as const;

const plainInput = { spellCheck: false, autoCapitalize: 'off', autoComplete: 'off', classNames: { input: 'input' } } as const;

/** A model by its id and revision. */
export function HubForm() {
  const isLoading = useSession((state) => state.modelLoading !== null);
  const asked = useHub((state) => state.asked);
  const [id, setId] = useState(asked?.id ?? '');
  const [revision, setRevision] = useState(asked?.revision ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const name = revision.trim();
    if (id.trim() !== '') void chooseModel({ kind: 'hub', id: id.trim(), ...(name !== '' && { revision: name }) });
  };
  return (
    <form className="hub-form" onSubmit={submit}>
      <Field htmlFor="hub-id" label="Model id" help="As on its page, or the page’s address.">
        <TextInput
          id="hub-id"
          data-testid="hub-id"
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          placeholder="owner/name"
          aria-describedby={helpId('hub-id')}
          {...plainInput}
        />
      </Field>
      <Field htmlFor="hub-revision" label="Revision" help="Branch, tag or commit.">
        <TextInput
          id="hub-revision"
          data-testid="hub-revision"
          value={revision}
          onChange={(event) => setRevision(event.currentTarget.value)}
          placeholder="main"
          aria-describedby={helpId('hub-revision')}
          {...plainInput}
        />
      </Field>
      <Button type="submit" data-testid="hub-load" disabled={id.trim() === '' || isLoading}>
        Look up
      </Button>
      <p className="suggestions">
        {suggestions.map((suggestion) => (
          <span className="help" key={suggestion.id}>
            <LinkButton onClick={() => setId(suggestion.id)}>{suggestion.id}</LinkButton>, {suggestion.words}
          </span>
        ))}
      </p>
    </form>
  );
}
