import { SegmentedControl } from '@mantine/core';
import './Segments.css';

interface SegmentsProps<Value extends string> {
  /** Said by screen readers. */
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One of a few words; the chosen one is ink. */
export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>) {
  return (
    <SegmentedControl
      aria-label={label}
      classNames={{ root: 'seg', control: 'seg-control', label: 'seg-label', indicator: 'seg-indicator' }}
      data={[...options]}
      value={value}
      onChange={onChange}
      transitionDuration={0}
      withItemsBorders={false}
    />
  );
}
