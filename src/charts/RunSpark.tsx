import styles from './runMarks.module.css';

/** A small line of losses over a run, from its start to its end; the figure beside it carries the value. */
export function RunSpark({ points }: { points: readonly { x: number; y: number }[] }) {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  if (finite.length < 2) return <span className={styles.spark} />;
  const [least, most] = [Math.min(...finite.map(({ y }) => y)), Math.max(...finite.map(({ y }) => y))];
  const end = finite.at(-1)?.x ?? 1;
  const path = finite.map(({ x, y }, index) => {
    const height = most === least ? 50 : 5 + (90 * (most - y)) / (most - least);
    return `${index === 0 ? 'M' : 'L'}${((100 * x) / Math.max(end, 1e-9)).toFixed(1)} ${height.toFixed(1)}`;
  });
  return (
    <svg className={styles.spark} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      <path d={path.join('')} />
    </svg>
  );
}
