import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './support';

const wcag22 = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Nothing that axe finds against WCAG 2.2, level AA. */
export async function expectAccessible(page: Page, place: string): Promise<void> {
  // What passes is not listed, and the page has no frames that axe would have to open a page for: a third of the time.
  const { violations } = await new AxeBuilder({ page })
    .options({ runOnly: wcag22, resultTypes: ['violations'] })
    .setLegacyMode(true)
    .analyze();
  const told = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map((node) => node.target.join(' '))
        .slice(0, 5)
        .join(', ')}`,
  );
  expect(told, place).toEqual([]);
}

/** Accessible in light and in dark, from the top: scrolled, the bar may lie over a part of some control. */
export async function expectAccessibleInBoth(page: Page, place: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator(`html[data-theme="${colorScheme}"]`)).toHaveCount(1);
    await page.evaluate(() => scrollTo(0, 0));
    await expectAccessible(page, `${place}, ${colorScheme}`);
  }
}

/** Accessible in light, in dark, and as narrow as a phone, where nothing lies beside the screen. */
export async function expectLegible(page: Page, place: string): Promise<void> {
  await expectAccessibleInBoth(page, place);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  // Charts take their new width a moment later.
  await expect(() => expectNoSideways(page, place)).toPass({ timeout: 10_000 });
  await expectAccessible(page, `${place}, on a phone`);
  if (size) await page.setViewportSize(size);
}

/** Nothing lies beside the screen. */
export async function expectNoSideways(page: Page, place: string): Promise<void> {
  const { width, content } = await page.evaluate(() => ({ width: innerWidth, content: document.documentElement.scrollWidth }));
  expect(content, `${place} is as wide as the window`).toBeLessThanOrEqual(width);
}
