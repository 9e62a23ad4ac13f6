import './Meter.css';

interface MeterProps {
  /** Said by screen readers. */
  label: string;
  /** 0 to 1, or null while the whole is not known. */
  share: number | null;
}

/** Grey: nothing is tuned by what it measures. */
export function Meter({ label, share }: MeterProps) {
  const percent = share === null ? undefined : Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div className="meter" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <i style={{ width: `${percent ?? 0}%` }} />
    </div>
  );
}
