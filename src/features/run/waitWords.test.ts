import { describe, expect, it } from 'vitest';
import type { DeviceWait } from '../../../workers/api/deviceWait';
import { processorWords, waitWords } from './waitWords';

const wait: DeviceWait = {
  reason: '',
  lostAtStep: 594,
  safeStep: 592,
  canExport: true,
  state: 'counting',
  attempt: 2,
  attempts: 3,
  nextTry: { atMs: 1000, waitMs: 500 },
  lossesInARow: 1,
  smallerBatch: null,
  full: null,
  secondsOnProcessor: null,
};

describe('the words of a run that waits for its device', () => {
  it('say what is safe before what happens next', () => {
    const { title, words } = waitWords(wait, true);
    expect(title).toBe('The graphics device went away at step 594. Your work is safe.');
    expect(words).toMatch(/^Everything up to step 592 is kept\..*goes on by itself from step 592/);
    expect(waitWords({ ...wait, lostAtStep: 0, safeStep: 0 }, true).title).toBe(
      'The graphics device went away. Your work is safe.',
    );
    expect(waitWords({ ...wait, lostAtStep: 0, safeStep: 0 }, false).words).toMatch(/The evaluation begins anew/);
  });

  it('say of a full device what found no room, and which batch does', () => {
    const full = 'The graphics device had no room for the activations. 9 MB were asked for while it held 3 MB.';
    const smallerBatch = { perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 4 };
    const { title, words } = waitWords({ ...wait, full, smallerBatch, state: 'asking' }, true);
    expect(title).toBe('The graphics device had no room for the activations');
    expect(words).toBe(
      '9 MB were asked for while it held 3 MB. Everything up to step 592 is kept. A batch of 2 fits, and a step has as many texts as before.',
    );
    expect(waitWords({ ...wait, full, state: 'asking' }, true).words).toMatch(/Close other tabs and try again/);
  });

  it('give the time on the processor where it is known, as roughly as it is', () => {
    const words = (secondsOnProcessor: number | null) => processorWords({ secondsOnProcessor });
    expect(words(null)).toBe('Finish on the processor');
    expect(words(1633)).toBe('Finish on the processor, about 27 min');
    expect(words(43)).toBe('Finish on the processor, about 40 s');
    expect(words(7211)).toBe('Finish on the processor, about 2 h');
  });

  it('promise nothing by itself once trying has led nowhere', () => {
    const asked = { ...wait, state: 'asking' as const, nextTry: null };
    expect(waitWords({ ...asked, attempt: 3 }, true).words).toMatch(/3 tries have found no device/);
    const again = waitWords({ ...asked, attempt: 0, lossesInARow: 3 }, true).words;
    expect(again).toMatch(/3 times without a step kept/);
    expect(again).not.toMatch(/by itself from step/);
  });
});
