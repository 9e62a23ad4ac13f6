/** What stands in a template for a row's text and for its answer. */
export const placeholders = { text: '{text}', label: '{label}' } as const;

/** For models with a chat format, which marks by itself where the answer begins. */
export const chatPromptTemplate = '{text}\n{label}';
/** For models without one. */
export const plainPromptTemplate = '{text}\nLabel: {label}';

/** What is wrong with a template, or null: it needs `{text}`, and once `{label}` after it. */
export function templateProblem(template: string): string | null {
  const parts = template.split(placeholders.label);
  const shown = JSON.stringify(template);
  if (parts.length === 1) return `The template ${shown} has no {label}.`;
  if (parts.length > 2) return `The template ${shown} has {label} ${parts.length - 1} times.`;
  return parts[0]?.includes(placeholders.text) === true ? null : `The template ${shown} has no {text} before {label}.`;
}

export const templateRemedy = 'Write {text} where the text goes, and {label} once after it, where the answer goes.';
