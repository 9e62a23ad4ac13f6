import type { ClassResult, JudgedBy } from './results';

/** What it writes is what a user of the adapter gets; where that was seen of some texts only, the likelihood of all comes first. */
export function firstJudgedBy({ written, tuned }: Pick<ClassResult, 'written' | 'tuned'>): JudgedBy {
  return written && written.tuned.count === tuned.count ? 'writing' : 'likelihood';
}
