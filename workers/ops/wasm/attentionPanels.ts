import { defineFunction } from '../../engine/wasm/assembler';
import { f32, i32, v128 } from '../../engine/wasm/instructions';
import { panelColumns } from '../../engine/wasm/panels';
import { elements } from './vector';

/** Rows of one head as right operands of the microkernel. */

const packParameters = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;

/** Rows (rows, columns), rowBytes apart, as panels: each takes eight columns. Parameters: source, rowBytes, rows, columns, target. */
export const packColumns = defineFunction('packColumns', packParameters, (f, [source, rowBytes, rows, columns, target]) => {
  f.for(0, columns, panelColumns, (first) => {
    const from = f.integer(i32.add(source, i32.shl(first, 2)));
    const width = f.integer(i32.sub(columns, first));
    f.for(0, rows, 1, () => {
      f.if(
        i32.greaterOrEqual(width, panelColumns),
        () => [0, 16].forEach((offset) => f.store(target, v128.load(from, offset), offset)),
        () => {
          for (const offset of [0, 16]) f.store(target, v128.zero, offset);
          elements(f, width, (at, { load, store }) => store(i32.add(target, at), load(i32.add(from, at))));
        },
      );
      f.increase(from, rowBytes);
      f.increase(target, 4 * panelColumns);
    });
  });
});

/** The same rows transposed, (columns, rows), as panels: each takes eight rows. */
export const packRows = defineFunction('packRows', packParameters, (f, [source, rowBytes, rows, columns, target]) => {
  f.for(0, rows, panelColumns, (first) => {
    const height = f.integer(i32.sub(rows, first));
    f.for(0, panelColumns, 1, (row) => {
      const from = f.integer(i32.add(source, i32.mul(i32.add(first, row), rowBytes)));
      const to = f.integer(i32.add(target, i32.shl(row, 2)));
      f.if(
        i32.less(row, height),
        () =>
          f.for(0, columns, 1, () => {
            f.storeFloat(to, f32.load(from));
            f.increase(from, 4);
            f.increase(to, 4 * panelColumns);
          }),
        () =>
          f.for(0, columns, 1, () => {
            f.storeFloat(to, 0);
            f.increase(to, 4 * panelColumns);
          }),
      );
    });
    f.set(target, i32.add(target, i32.mul(columns, 4 * panelColumns)));
  });
});

/** target (columns, rows) = source (rows, columns) transposed. Parameters: source, its row's bytes, rows, columns, target, its row's bytes. */
export const turn = defineFunction(
  'turn',
  ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
  (f, [source, rowBytes, rows, columns, target, targetBytes]) => {
    f.for(0, columns, 1, (column) => {
      const from = f.integer(i32.add(source, i32.shl(column, 2)));
      const to = f.integer(i32.add(target, i32.mul(column, targetBytes)));
      f.for(0, rows, 1, () => {
        f.storeFloat(to, f32.load(from));
        f.increase(from, rowBytes);
        f.increase(to, 4);
      });
    });
  },
);
