import { expect, test } from 'vitest';
import { emptyRun, type RunState } from './run';
import { restoreRun, runStore } from './runStore';

test('what failed gives its place back to what was shown before, but never to a run that was under way', () => {
  const shown: RunState = { ...emptyRun, phase: 'finished' };
  runStore.setState({ ...emptyRun, phase: 'final-evaluation' }, true);
  restoreRun(shown);
  expect(runStore.getState()).toBe(shown);
  restoreRun({ ...emptyRun, phase: 'training' });
  expect(runStore.getState()).toBe(shown);
  runStore.setState(emptyRun, true);
});
