import type { ProjectAttributes, ProjectLayout } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

const variants: { rows: number; inner: number; rank: number; layout: ProjectLayout; dropout: number }[] = [
  { rows: 1, inner: 1, rank: 1, layout: 'rankIn', dropout: 0 },
  { rows: 3, inner: 65, rank: 8, layout: 'rankIn', dropout: 0 },
  { rows: 65, inner: 70, rank: 3, layout: 'rankIn', dropout: 0.5 },
  { rows: 70, inner: 256, rank: 16, layout: 'rankIn', dropout: 0.1 },
  { rows: 65, inner: 33, rank: 5, layout: 'inRank', dropout: 0 },
  { rows: 70, inner: 128, rank: 8, layout: 'inRank', dropout: 0.25 },
  { rows: 3, inner: 64, rank: 77, layout: 'rankIn', dropout: 0 },
  { rows: 9, inner: 36, rank: 8, layout: 'inRank', dropout: 0 },
];

export const projectCases: OpCase<ProjectAttributes>[] = variants.map(({ rows, inner, rank, layout, dropout }) => {
  const data = new CaseData(rows * inner + rank, rowsOnly(rows));
  const a = data.value(layout === 'rankIn' ? [rank, inner] : [inner, rank], 1 / Math.sqrt(inner));
  return {
    title: `${rows} x ${inner} x ${rank}, ${layout}, dropout ${dropout}`,
    counts: data.counts,
    step: caseStep,
    attributes: { layout, scale: 0.75, dropout, site: 2 },
    inputs: [data.value(['tokens', inner]), a],
    gradients: layout === 'rankIn' ? [0, 1] : [0],
  };
});
