// What formulas and update rules call and JavaScript lacks. gdviz/expressions/javascript.py writes the calls; the values
// are those of NumPy and SciPy to some units of the fifteenth digit.

// The sum of a term over the coordinates of a point.
export function total(n, term) {
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += term(i);
  return sum;
}

export const square = (a) => a * a;

// IEEE 754 has 1 where JavaScript has none: 1 to any power, and −1 to an infinite one.
export const power = (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

// The remainder has the sign of the divisor.
export function mod(a, b) {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

// log(eᵃ + eᵇ)
export const logaddexp = (a, b) => (a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))));

// The error function by a series without cancellation, 2/√π e^(−x²) Σ 2ⁿx²ⁿ⁺¹/(2n + 1)!! (Abramowitz & Stegun 7.1.6).
export function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [sum, term] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const polynomial = (x, coefficients) => coefficients.reduce((sum, c) => sum * x + c, 0);

// Γ by the rational function and the Stirling series of Cephes (Moshier 1989, gamma.c).
const GAMMA_ABOVE = [1.60119522476751861407e-4, 1.19135147006586384913e-3, 1.04213797561761569935e-2, 4.76367800457137231464e-2, 2.07448227648435975150e-1, 4.94214826801497100753e-1, 1];
const GAMMA_BELOW = [-2.31581873324120129819e-5, 5.39605580493303397842e-4, -4.45641913851797240494e-3, 1.18139785222060435552e-2, 3.58236398605498653373e-2, -2.34591795718243348568e-1, 7.14304917030273074085e-2, 1];
const STIRLING = [7.87311395793093628397e-4, -2.29549961613378126380e-4, -2.68132617805781232825e-3, 3.47222221605458667310e-3, 8.33333333333482257126e-2];

// sin πx and cot πx lose nothing of a large x this way.
const beyondWhole = (x) => Math.PI * (x - Math.round(x));
const sinPi = (x) => (Math.round(x) % 2 ? -1 : 1) * Math.sin(beyondWhole(x));

function stirling(x) {
  const series = 1 + polynomial(1 / x, STIRLING) / x;
  const half = x ** (0.5 * x - 0.25); // x^x alone would overflow first
  return Math.sqrt(2 * Math.PI) * half * (half / Math.exp(x)) * series;
}

export function gamma(x) {
  if (x === 0) return 1 / x;
  if (Number.isInteger(x) && x < 0) return NaN;
  if (x > 171.7) return Infinity;
  if (x < -33) return Math.PI / (sinPi(x) * -x * stirling(-x)); // Γ(x)Γ(1 − x) = π/sin πx
  if (x > 33) return stirling(x);
  let [at, factor] = [x, 1];
  while (at >= 3) factor *= at -= 1;
  while (at < 2) factor /= at++;
  return factor * polynomial(at - 2, GAMMA_ABOVE) / polynomial(at - 2, GAMMA_BELOW);
}

// ψ = Γ′/Γ: upwards by ψ(x + 1) = ψ(x) + 1/x, then the asymptotic series (Abramowitz & Stegun 6.3.18).
const DIGAMMA = [1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12];

export function digamma(x) {
  if (x === 0) return -1 / x;
  if (x < 0) return Number.isInteger(x) ? NaN : digamma(1 - x) - Math.PI / Math.tan(beyondWhole(x));
  if (x === Infinity) return x;
  let [at, below] = [x, 0];
  for (; at < 10; at += 1) below += 1 / at;
  return Math.log(at) - 0.5 / at - polynomial(1 / (at * at), [...DIGAMMA, 0]) - below;
}
