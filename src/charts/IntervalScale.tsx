import { useLayoutEffect, useRef } from 'react';
import { formatShare } from './format';
import { placeCaptions } from './scale';
import styles from './scales.module.css';

interface Measured {
  /** Fractions. */
  value: number;
  interval: [number, number];
}

interface IntervalScaleProps {
  /** "Accuracy". */
  name: string;
  base: Measured;
  tuned: Measured;
  /** What always answering the most frequent class would score, a fraction. */
  majority: { label: string; share: number };
  /** Figures of several classes are no per cent of anything. */
  isPercent?: boolean;
}

const at = (fraction: number) => `${fraction * 100}%`;
const range = ([low, high]: [number, number]) => `${formatShare(low)} to ${formatShare(high)}`;

/** Base to tuned with 95 % intervals and the majority class on one scale from 0 to 100 %. */
export function IntervalScale({ name, base, tuned, majority, isPercent = true }: IntervalScaleProps) {
  const sentence =
    `${name} with 95 percent intervals: base ${formatShare(base.value)}, ${range(base.interval)}; ` +
    `tuned ${formatShare(tuned.value)}, ${range(tuned.interval)}; always answering ${majority.label} gives ${formatShare(majority.share)}`;
  return (
    <div className={styles.scale} role="img" aria-label={sentence}>
      <Captions base={base} tuned={tuned} majority={majority} />
      <span className={styles.axis} />
      <Interval measured={base} colour="var(--base-mark)" />
      <Interval measured={tuned} colour="var(--tuned-mark)" />
      <span className={styles.majority} style={{ left: at(majority.share) }} />
      <span className={styles.point} style={{ left: at(base.value), background: 'var(--base-mark)' }} />
      <span className={styles.point} style={{ left: at(tuned.value), background: 'var(--tuned-mark)' }} />
      {[0, 25, 50, 75, 100].map((percent) => (
        <span
          key={percent}
          className={styles.tick}
          style={{ left: `${percent}%` }}
          data-end={percent === 0 ? 'first' : percent === 100 ? 'last' : undefined}
        >
          {isPercent && percent % 100 === 0 ? `${percent}\u00a0%` : percent}
        </span>
      ))}
    </div>
  );
}

function Interval({ measured, colour }: { measured: Measured; colour: string }) {
  const [low, high] = measured.interval;
  return <span className={styles.interval} style={{ left: at(low), width: at(Math.max(0, high - low)), background: colour }} />;
}

/** Each stands by its mark; their widths are measured, so that none covers another nor leaves the scale. */
function Captions({ base, tuned, majority }: Pick<IntervalScaleProps, 'base' | 'tuned' | 'majority'>) {
  const row = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = row.current;
    if (!element) return;
    const place = () => {
      const captions = [...element.querySelectorAll<HTMLElement>('[data-at]')];
      const wanted = captions.map((caption) => ({
        centre: Number(caption.dataset['at']) * element.clientWidth,
        width: caption.offsetWidth,
      }));
      placeCaptions(wanted, element.clientWidth, 12).forEach((left, index) =>
        captions[index]?.style.setProperty('left', `${left}px`),
      );
    };
    const observer = new ResizeObserver(place);
    observer.observe(element);
    for (const caption of element.children) observer.observe(caption);
    place();
    return () => observer.disconnect();
  }, [base.value, tuned.value, majority.share, majority.label]);
  return (
    <div ref={row} className={styles.captions}>
      <span data-at={majority.share}>
        always <q className={styles.clip}>{majority.label}</q> {formatShare(majority.share)}
      </span>
      <span data-at={base.value} className="is-base">
        {range(base.interval)}
      </span>
      <span data-at={tuned.value} className="is-tuned">
        {range(tuned.interval)}
        <span className={styles.notSmall}>, 95&nbsp;% interval</span>
      </span>
    </div>
  );
}
