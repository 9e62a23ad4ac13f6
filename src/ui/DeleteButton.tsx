import { useState } from 'react';
import { Button, IconButton } from './Button';
import { formatBytes } from './format';

interface DeleteButtonProps {
  name: string;
  sizeBytes: number;
  disabled: boolean;
  onDelete: () => void;
  /** "-delete" follows for the bin, "-confirm" for the question. */
  testId: string;
}

/** Deletes when it is pressed a second time: what is gone takes minutes to come again. */
export function DeleteButton({ name, sizeBytes, disabled, onDelete, testId }: DeleteButtonProps) {
  const [isAsking, setIsAsking] = useState(false);
  if (isAsking) {
    return (
      <Button size="sm" onBlur={() => setIsAsking(false)} onClick={onDelete} autoFocus data-testid={`${testId}-confirm`}>
        Delete {formatBytes(sizeBytes)}
      </Button>
    );
  }
  return (
    <IconButton
      icon="bin"
      label={`Delete ${name}`}
      disabled={disabled}
      onClick={() => setIsAsking(true)}
      data-testid={`${testId}-delete`}
    />
  );
}
