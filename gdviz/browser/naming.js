// What a hand is above, by name: the nearest mark, line or cell of a scene, or curve of its background.

import { panel } from './drawing.js';
import { seen } from './guess.js';
import { row } from './messages.js';

const LINES = ['line', 'segments', 'points'];

// The distance of p from the stretch between a and b; not-a-number if one of them is none.
function distanceTo([px, py], [ax, ay], [bx, by]) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = length ? Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length)) : 0;
  return Math.hypot(ax + along * (bx - ax) - px, ay + along * (by - ay) - py);
}

// The stretches in pixels that a layer is made of: between neighbours, between ends, or of one place.
function* stretches(layer, view, k) {
  if (layer.kind === 'segments') {
    const [x0, y0, x1, y1] = ['x0', 'y0', 'x1', 'y1'].map((name) => row(layer[name], k));
    for (let i = 0; i < x0.length; i += 1) yield [[view.px(x0[i]), view.py(y0[i])], [view.px(x1[i]), view.py(y1[i])]];
    return;
  }
  const [x, y] = [row(layer.x, k), row(layer.y, k)];
  const back = layer.kind === 'line' ? 1 : 0;
  for (let i = back; i < x.length; i += 1) yield [[view.px(x[i - back]), view.py(y[i - back])], [view.px(x[i]), view.py(y[i])]];
}

function nearestOf(all, at, reach) {
  let best = reach;
  for (const [a, b] of all) {
    const distance = distanceTo(at, a, b);
    if (distance < best) best = distance;
  }
  return best;
}

function hasCellAt(layer, view, k, [px, py]) {
  const [x0, y0, x1, y1] = ['x0', 'y0', 'x1', 'y1'].map((name) => row(layer[name], k));
  const between = (v, a, b) => v >= Math.min(a, b) && v <= Math.max(a, b);
  return x0.some((_, j) => between(px, view.px(x0[j]), view.px(x1[j])) && between(py, view.py(y0[j]), view.py(y1[j])));
}

// The named curves of the background: each with its stretches in pixels.
function* curves(gd) {
  for (const [i, trace] of gd.data.entries()) {
    const full = gd.calcdata?.[i]?.[0]?.trace;
    if (!trace.name || full?.type !== 'scatter' || !full.visible) continue;
    const [xa, ya] = [gd._fullLayout[full.xaxis.replace('x', 'xaxis')], gd._fullLayout[full.yaxis.replace('y', 'yaxis')]];
    const points = gd.calcdata[i].map((p) => [xa._offset + xa.c2p(p.x), ya._offset + ya.c2p(p.y)]);
    const joined = full.mode.includes('lines') ? 1 : 0;
    yield { name: trace.name, stretches: points.slice(joined).map((p, j) => [points[j], p]) };
  }
}

export function nameAt(S, px, py) {
  const k = Math.round(S.k);
  let best = { distance: 7 * S.style.scale, words: '' };
  const take = (distance, words) => { if (distance < best.distance) best = { distance, words }; };
  for (const layer of seen(S).layers.toReversed()) {
    const view = layer.name && panel(S.gd, layer.panel ?? 0);
    if (!view?.holds(px, py) || layer.width === 0) continue;
    if (LINES.includes(layer.kind)) take(nearestOf(stretches(layer, view, k), [px, py], best.distance), layer.name);
    if (layer.kind === 'cells' && !best.words && hasCellAt(layer, view, k, [px, py])) best.words = layer.name;
  }
  for (const { name, stretches: all } of curves(S.gd)) take(nearestOf(all, [px, py], best.distance), name);
  return best.words;
}
