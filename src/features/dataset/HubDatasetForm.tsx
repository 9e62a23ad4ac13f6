import { TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { useHubDataset } from '../../state/hooks';
import { lookUpOwnDataset, typeDatasetId } from '../../state/hubDatasetCommands';
import { Button } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';

/** A dataset by its id. */
export function HubDatasetForm() {
  const id = useHubDataset((state) => state.id);
  const isLoading = useHubDataset((state) => state.isLoading);
  const isLookingUp = useHubDataset((state) => state.isLookingUp);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== '') void lookUpOwnDataset(id.trim());
  };
  return (
    <form className="hub-data-form" onSubmit={submit}>
      <Field
        htmlFor="dataset-id"
        label="Dataset id"
        help="As on its page, or the page’s address. Nothing but its description is asked for yet."
      >
        <TextInput
          id="dataset-id"
          data-testid="dataset-id"
          value={id}
          onChange={(event) => typeDatasetId(event.currentTarget.value)}
          placeholder="owner/name"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-describedby={helpId('dataset-id')}
          classNames={{ input: 'input' }}
        />
      </Field>
      <Button type="submit" data-testid="dataset-look-up" disabled={id.trim() === '' || isLoading}>
        {isLookingUp ? 'Looking it up' : 'Look up'}
      </Button>
    </form>
  );
}
