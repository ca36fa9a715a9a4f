// Numbers as people write them: 1.25, −0.5, 5.1 × 10⁻⁴. gdviz/numerals.py writes finite numbers the same.

const SUPERSCRIPTS = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };

export function number(v, digits = 4) {
  if (!Number.isFinite(v)) return '–';
  const [mantissa, exponent] = Math.abs(v).toExponential(digits - 1).split('e').map(Number);
  const sign = v < 0 ? '−' : '';
  if (v === 0 || (exponent >= -3 && exponent < 6)) return sign + String(Number(Math.abs(v).toPrecision(digits)));
  return `${sign}${mantissa} × 10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join('')}`;
}
