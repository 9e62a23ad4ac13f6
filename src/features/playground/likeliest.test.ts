import { expect, test } from 'vitest';
import { likeliest } from './likeliest';

test('few classes keep their order, so that both models can be compared line by line', () => {
  const classes = [
    { label: 'a', probability: 0.2 },
    { label: 'b', probability: 0.8 },
  ];
  expect(likeliest(classes)).toEqual({ top: 'b', shown: classes, others: null });
});

test('of many the likeliest are drawn and the rest is summed', () => {
  const classes = Array.from({ length: 20 }, (_, index) => ({ label: `c${index}`, probability: index === 13 ? 0.62 : 0.02 }));
  const { top, shown, others } = likeliest(classes);
  expect(top).toBe('c13');
  expect(shown).toHaveLength(6);
  expect(shown[0]?.label).toBe('c13');
  expect(others).toBe('14 other classes: 28\u00a0%');
});
