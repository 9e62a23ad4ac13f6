import { TextInput } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { chooseModel } from '../../state/commands';
import { isModelId, searchNow, typeSearch, wordsOf } from '../../state/hubSearch';
import { useHubSearch, useSession } from '../../state/hooks';
import { Button, LinkButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { Notice } from '../../ui/Notice';
import { FoundModels } from './FoundModels';

/** Open, of an architecture of ours, and small enough to begin with; what else is to know of them their plan tells. */
const wellKnown = [
  'openai-community/gpt2',
  'distilbert/distilgpt2',
  'HuggingFaceTB/SmolLM2-135M-Instruct',
  'HuggingFaceTB/SmolLM2-360M-Instruct',
  'Qwen/Qwen2.5-0.5B-Instruct',
  'TinyLlama/TinyLlama-1.1B-Chat-v1.0',
] as const;

/** Models by words or by id; `gate` explains a model of the list that asks for access, under its row. */
export function HubSearch({ gate }: { gate: { id: string; notice: ReactNode } | null }) {
  const text = useHubSearch((state) => state.text);
  const isPending = useHubSearch((state) => state.isPending);
  const isLoading = useSession((state) => state.modelLoading !== null);
  const isId = isModelId(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isId && !isLoading) void chooseModel({ kind: 'hub', id: wordsOf(text) });
    else void searchNow();
  };
  return (
    <section className="part" aria-labelledby="hub-search-title">
      <div className="panel-head">
        <h3 id="hub-search-title">Search the Hub</h3>
        <p className="reading">sizes and fit are known before a byte of the weights is downloaded</p>
      </div>
      <form className="hub-form" role="search" onSubmit={submit}>
        <TextInput
          id="hub-id"
          data-testid="hub-id"
          aria-label="Model id, or words in it"
          placeholder="Model id, or words in it"
          value={text}
          onChange={(event) => typeSearch(event.currentTarget.value)}
          leftSection={<Icon name="search" />}
          leftSectionWidth={34}
          rightSection={isPending ? <span className="help">searching</span> : null}
          rightSectionWidth={isPending ? 76 : 0}
          rightSectionPointerEvents="none"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          classNames={{ input: 'input' }}
        />
        <Button type="submit" data-testid="hub-load" disabled={!isId || isLoading}>
          Look up
        </Button>
      </form>
      <Answer gate={gate} />
    </section>
  );
}

function Answer({ gate }: { gate: { id: string; notice: ReactNode } | null }) {
  const found = useHubSearch((state) => state.found);
  const error = useHubSearch((state) => state.error);
  const asked = useHubSearch((state) => state.asked);
  const isPending = useHubSearch((state) => state.isPending);
  if (error) {
    return (
      <div data-testid="hub-search-error">
        <Notice
          kind="warn"
          title="The Hub did not answer the search"
          actions={
            <Button size="sm" disabled={isPending} onClick={() => void searchNow()}>
              Search again
            </Button>
          }
        >
          {error.message} {error.remedy}
        </Notice>
      </div>
    );
  }
  if (!found) return <WellKnown />;
  if (found.models.length === 0) {
    return (
      <p className="help" data-testid="hub-nothing">
        No model that writes text is named “{asked}”. Try fewer letters, or an id as owner/name.
      </p>
    );
  }
  return <FoundModels found={found} isOld={isPending} gate={gate} />;
}

function WellKnown() {
  const chosen = useSession((state) => (state.model?.source === 'hub' ? state.model.name : null));
  const isLoading = useSession((state) => state.modelLoading !== null);
  return (
    <p className="well-known">
      <span className="help">To begin with:</span>
      {wellKnown.map((id) => (
        <LinkButton key={id} disabled={isLoading || chosen === id} onClick={() => void chooseModel({ kind: 'hub', id })}>
          {id}
        </LinkButton>
      ))}
    </p>
  );
}
