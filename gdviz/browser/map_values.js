// What a map says of the place under a hand: its background brings the values (figures/map_values.py).

import { panel } from './drawing.js';
import { number } from './numerals.js';

function valuesOf(part) {
  const bytes = () => Uint8Array.from(atob(part.data), (letter) => letter.charCodeAt(0)).buffer;
  part.values ??= part.whole ? new Int16Array(bytes()) : new Float32Array(bytes());
  return part.values;
}

// Which of the evenly spaced values of an axis is nearest; undefined beyond its ends.
function placeOn({ first, last, n, log }, value) {
  const [a, b, at] = [first, last, value].map((v) => (log ? Math.log(v) : v));
  const place = Math.round(((at - a) / (b - a)) * (n - 1));
  return place >= 0 && place < n ? place : undefined;
}

function told({ before, after, words }, value) {
  return words[value] ?? (Number.isNaN(value) ? '' : `${before}${number(value)}${after}`);
}

export function mapValueAt(S, px, py) {
  const map = S.layout?.meta?.map;
  const view = map && panel(S.gd, 0);
  if (!view?.holds(px, py)) return '';
  const [x, y] = [view.x(px), view.y(py)];
  const [column, line] = [placeOn(map.x, x), map.y ? placeOn(map.y, y) : 0];
  if (column === undefined || line === undefined) return '';
  const said = map.parts.map((part) => told(part, valuesOf(part)[line * map.x.n + column]));
  const here = map.y ? [`${map.y.name} = ${number(y)}`] : [];
  return [`${map.x.name} = ${number(x)}`, ...here, ...said].filter(Boolean).join('\n');
}
