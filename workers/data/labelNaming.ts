import type { LabelOptions } from '../api/dataset';
import type { Examples } from './mapColumns';

/** What rows without a label are called, where they are to be a class of their own. */
export const unlabelledName = 'no label';

export type Labels = Examples['labels'];

/** The name that a label as written gets. */
export type LabelNaming = (written: string) => string;

/** Labels that a person would take for the same have the same key. */
export function variantKey(label: string): string {
  return label.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Labels that differ in case or white space alone, two or more in each group. */
export function labelVariants(labels: Iterable<string>): string[][] {
  const groups = new Map<string, string[]>();
  for (const label of labels) {
    const key = variantKey(label);
    const group = groups.get(key);
    if (group) group.push(label);
    else groups.set(key, [label]);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}

/**
 * First variants are joined, where they are to be, under the form that most rows of the training file have; then labels get the
 * names that the user gave them. Labels of one name become one class.
 */
export function namingOf(training: Labels, { mergeVariants, unlabelled, names }: LabelOptions): LabelNaming {
  const given = new Map(names.map(({ from, to }) => [from, to]));
  const joined = mergeVariants ? commonForms(training) : null;
  return (written) => {
    if (written.trim() === '' && unlabelled === 'class') return given.get(unlabelledName) ?? unlabelledName;
    const label = joined?.get(variantKey(written)) ?? written;
    return given.get(label) ?? label;
  };
}

function commonForms({ values, codes }: Labels): Map<string, string> {
  const counts = new Int32Array(values.length);
  for (const code of codes) counts[code]! += 1;
  const forms = new Map<string, number>();
  values.forEach((value, code) => {
    const key = variantKey(value);
    const best = forms.get(key);
    if (best === undefined || counts[code]! > counts[best]!) forms.set(key, code);
  });
  return new Map([...forms].map(([key, code]) => [key, values[code]!.trim().replace(/\s+/g, ' ')]));
}

/** The labels under their names. */
export function renamed({ values, codes }: Labels, naming: LabelNaming): Labels {
  const names: string[] = [];
  const places = new Map<string, number>();
  const newCode = values.map((value) => {
    const name = naming(value);
    const place = places.get(name) ?? names.push(name) - 1;
    places.set(name, place);
    return place;
  });
  return { values: names, codes: codes.map((code) => newCode[code]!) };
}
