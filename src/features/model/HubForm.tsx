import { TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { chooseModel } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { Button, LinkButton } from '../../ui/Button';
import { helpId } from '../../ui/Field';

const suggestions = [
  { id: 'openai-community/gpt2', words: '124 M parameters, 548 MB' },
  { id: 'distilbert/distilgpt2', words: '82 M parameters, 353 MB' },
] as const;

/** A model by its id on the Hugging Face Hub. */
export function HubForm() {
  const isLoading = useSession((state) => state.modelLoading !== null);
  const current = useSession((state) => (state.modelSource?.kind === 'hub' ? state.modelSource.id : ''));
  const [id, setId] = useState(current);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== '') void chooseModel({ kind: 'hub', id: id.trim() });
  };
  return (
    <form className="hub-form" onSubmit={submit}>
      <label htmlFor="hub-id">Model id</label>
      <div className="line">
        <TextInput
          id="hub-id"
          data-testid="hub-id"
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          placeholder="owner/name"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-describedby={helpId('hub-id')}
          classNames={{ input: 'input' }}
        />
        <Button type="submit" data-testid="hub-load" disabled={id.trim() === '' || isLoading}>
          Load
        </Button>
      </div>
      <p className="help" id={helpId('hub-id')}>
        The weights come from huggingface.co when a run first needs them; nothing of yours goes there.
      </p>
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
