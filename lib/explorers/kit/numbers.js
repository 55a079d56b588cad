/* Numbers that explorers share. Everything stays in logarithms until the last step, so that nothing overflows. */

/* A number as the book prints it: a true minus sign, and no minus before a zero. */
export function decimal(value, digits = 3) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

export function linspace(from, to, count) {
  return Float64Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));
}

/* The trapezoid rule on a uniform grid. */
export function integral(values, grid) {
  let sum = -(values[0] + values[values.length - 1]) / 2;
  for (const value of values) sum += value;
  return sum * (grid[1] - grid[0]);
}

/* Straight lines between equally spaced values that span the grid. */
export function joined(values, grid) {
  const last = values.length - 1;
  const start = grid[0];
  const span = grid[grid.length - 1] - start;
  return grid.map((x) => {
    const at = Math.min(last - 1, Math.max(0, Math.floor(((x - start) / span) * last)));
    const share = ((x - start) / span) * last - at;
    return values[at] * (1 - share) + values[at + 1] * share;
  });
}

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/* log(1 + e^t) without overflow. */
export function softplus(t) {
  return Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
}

export function sigmoid(t) {
  return t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t));
}

/* erf(x) = 2/√π e^{−x²} Σ 2ⁿ x^{2n+1} / (1·3·5 … (2n+1)): all terms have one sign, so that nothing cancels. Beyond 6 it is
 * ±1 in the last digit. */
export function erf(x) {
  if (Math.abs(x) >= 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export function logGaussian(x, mean, width) {
  return -(((x - mean) / width) ** 2) / 2 - Math.log(width) - Math.log(2 * Math.PI) / 2;
}

/* log(Σ exp) of a list of logarithms. */
export function logSum(logs) {
  const top = Math.max(...logs);
  return top === -Infinity ? top : top + Math.log(logs.reduce((sum, each) => sum + Math.exp(each - top), 0));
}

/* A logarithmic density, normalised on the grid: what a law is when it lives on that interval only. */
export function normalised(logs, grid) {
  const mass = Math.log(integral(logs.map(Math.exp), grid));
  return logs.map((each) => each - mass);
}

/* The smallest of the limits that holds the value: an axis that moves in steps, not with every frame. */
export function roundLimit(value, limits) {
  return limits.find((each) => each >= value) ?? limits[limits.length - 1];
}

export const total = (values) => values.reduce((sum, each) => sum + each, 0);
export const mean = (values) => total(values) / values.length;
export const inner = (one, other) => total(one.map((each, index) => each * other[index]));
