import { defineKernel } from './kernel';
import { f32, f32x4, i32, v128 } from './instructions';

/**
 * How a matrix (inner, columns) lies when it is the second operand of a product: panels of eight columns, one after the
 * other, each row by row; columns beyond the last are zeros.
 */
export const panelColumns = 8;

export function panelCount(columns: number): number {
  return Math.ceil(columns / panelColumns);
}

export function panelBytes(inner: number, columns: number): number {
  return panelCount(columns) * panelColumns * inner * 4;
}

/** Element (k, n) of the source lies at `k * rowBytes + n * columnBytes`. One part a panel. */
export const packPanels = defineKernel(
  'packPanels',
  { source: 'i32', rowBytes: 'i32', columnBytes: 'i32', inner: 'i32', columns: 'i32', target: 'i32', scale: 'f32' },
  (f, { source, rowBytes, columnBytes, inner, columns, target, scale }, { part }) => {
    const from = f.integer(i32.add(source, i32.mul(i32.mul(part, panelColumns), columnBytes)));
    const to = f.integer(i32.add(target, i32.mul(i32.mul(part, 4 * panelColumns), inner)));
    const width = f.integer(i32.sub(columns, i32.mul(part, panelColumns)));
    const whole = i32.and(i32.greaterOrEqual(width, panelColumns), i32.equal(columnBytes, 4));
    f.for(0, inner, 1, () => {
      f.if(
        whole,
        () => {
          f.store(to, v128.load(from));
          f.store(to, v128.load(from, 16), 16);
        },
        () => {
          f.store(to, v128.zero);
          f.store(to, v128.zero, 16);
          f.for(0, i32.min(width, f.integer(panelColumns)), 1, (column) => {
            f.storeFloat(i32.add(to, i32.shl(column, 2)), f32.load(i32.add(from, i32.mul(column, columnBytes))));
          });
        },
      );
      f.if(f32.differ(scale, 1), () => {
        for (const offset of [0, 16]) f.store(to, f32x4.mul(v128.load(to, offset), f32x4.splat(scale)), offset);
      });
      f.increase(from, rowBytes);
      f.increase(to, 4 * panelColumns);
    });
  },
);

/** The inverse: writes element (k, n) to `k * rowBytes + n * columnBytes`. One part a panel. */
export const unpackPanels = defineKernel(
  'unpackPanels',
  { source: 'i32', rowBytes: 'i32', columnBytes: 'i32', inner: 'i32', columns: 'i32', target: 'i32' },
  (f, { source, rowBytes, columnBytes, inner, columns, target }, { part }) => {
    const from = f.integer(i32.add(source, i32.mul(i32.mul(part, 4 * panelColumns), inner)));
    const to = f.integer(i32.add(target, i32.mul(i32.mul(part, panelColumns), columnBytes)));
    const width = f.integer(i32.sub(columns, i32.mul(part, panelColumns)));
    f.for(0, inner, 1, () => {
      f.for(0, i32.min(width, f.integer(panelColumns)), 1, (column) => {
        f.storeFloat(i32.add(to, i32.mul(column, columnBytes)), f32.load(i32.add(from, i32.shl(column, 2))));
      });
      f.increase(from, 4 * panelColumns);
      f.increase(to, rowBytes);
    });
  },
);
