const inner = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** gelu_new(x) = 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
export function geluNew(x: number): number {
  return 0.5 * x * (1 + Math.tanh(inner * (x + cubic * x ** 3)));
}

/** Its derivative. */
export function geluNewDerivative(x: number): number {
  const tanh = Math.tanh(inner * (x + cubic * x ** 3));
  return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner * (1 + 3 * cubic * x * x);
}
