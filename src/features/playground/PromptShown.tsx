import { useEffect, useState } from 'react';
import { plural } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { PromptPieces } from '../../ui/PromptPieces';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { ShownPrompt } from '../../../workers/api/preview';
import type { RunResult } from '../../../workers/api/results';
import { pairOf, typedText, type TextDraft } from './typedText';
import { trainer } from '../../client/trainerClient';

const pauseMs = 250;

/** The very tokens after which both models write. */
export function PromptShown({ result, text }: { result: RunResult; text: TextDraft }) {
  const { prompt, error } = usePrompt(result, text);
  return (
    <Panel
      level={3}
      title="The prompt"
      reading={prompt ? <>both models get this, {plural(prompt.tokens, 'token')}</> : 'both models get this'}
    >
      {error && <ErrorNotice report={error} />}
      {prompt && <PromptPieces pieces={prompt.pieces} label="The prompt" testId="prompt-pieces" />}
      {prompt?.isCut && (
        <p className="label">The text is longer than max_length leaves room for: its end is cut off, as in training.</p>
      )}
    </Panel>
  );
}

interface Asked {
  prompt: ShownPrompt | null;
  error: ErrorReport | null;
}

/** Asks a moment after the last key; answers to earlier texts are dropped. */
function usePrompt(result: RunResult, text: TextDraft): Asked {
  const [asked, setAsked] = useState<Asked>({ prompt: null, error: null });
  useEffect(() => {
    let isCurrent = true;
    const ask = async () => {
      try {
        const prompt = await trainer().showPrompt(typedText(text, pairOf(result)));
        if (isCurrent) setAsked({ prompt, error: null });
      } catch (thrown) {
        if (isCurrent) setAsked({ prompt: null, error: reportOf(thrown) });
      }
    };
    const timer = setTimeout(() => void ask(), pauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [result, text]);
  return asked;
}
