import styles from './RunStrip.module.css';

/** One figure of the strip; an optional one goes where there is little room. */
export function Gauge({
  name,
  value,
  note,
  optional = false,
}: {
  name: string;
  value: string;
  note?: string;
  optional?: boolean;
}) {
  return (
    <div className={styles.gauge} data-optional={optional}>
      <dt>{name}</dt>
      <dd>
        {value}
        {note !== undefined && <small> {note}</small>}
      </dd>
    </div>
  );
}
