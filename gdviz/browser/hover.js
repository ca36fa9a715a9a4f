// What a hand finds above a stage: words of what is near, a small picture that fills a large one, the sign of a handle.

import { panel } from './drawing.js';
import { seen } from './guess.js';
import { mapValueAt } from './map_values.js';
import { row } from './messages.js';
import { nameAt } from './naming.js';
import { number } from './numerals.js';
import { nearest } from './nearest.js';
import { refresh } from './player.js';
import { fitLabels, isShort } from './words.js';

// The places of a layer that have something to tell a hand above them: steps of a track, points with words.
function tellable(layer, k) {
  if (layer.kind === 'track' || layer.kind === 'ghost') {
    const told = (a, j, i) => `${layer.labels[j]} = ${number(a.data[i])}`;
    return { x: layer.x.data, y: layer.y.data, words: (i) => `${layer.name}, step ${i}\n${told(layer.x, 0, i)}\n${told(layer.y, 1, i)}` };
  }
  if (!layer.tips) return null;
  return { x: row(layer.x, Math.round(k)), y: row(layer.y, Math.round(k)), words: (i) => layer.tips[i] };
}

// The line of a layer of weights that a place in pixels is on, within reach: its distance and its words.
function onLine(S, layer, px, py, reach) {
  const view = panel(S.gd, layer.panel ?? 0);
  const k = Math.round(S.k);
  const [x0, y0, x1, y1, weights] = ['x0', 'y0', 'x1', 'y1', 'weights'].map((name) => row(layer[name], k));
  let best = { distance: reach };
  weights.forEach((weight, i) => {
    const [ax, ay, bx, by] = [view.px(x0[i]), view.py(y0[i]), view.px(x1[i]), view.py(y1[i])];
    const along = Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
    const distance = Math.hypot(ax + along * (bx - ax) - px, ay + along * (by - ay) - py);
    if (Number.isNaN(weight) || distance >= best.distance) return;
    const slope = layer.slopes ? `\n∂L/∂w = ${number(row(layer.slopes, k)[i])}` : '';
    best = { distance, words: `${layer.tips[i]}\nw = ${number(weight)}${slope}` };
  });
  return best;
}

// The words in a box too narrow for them that a place in pixels is on, in full.
function inBox(S, px, py) {
  const boxed = S.scene.layers.filter(({ room }) => room);
  const found = boxed.length ? fitLabels(seen(S), S.k, S.style, (index) => panel(S.gd, index)) : new Map();
  const reach = 8 * S.style.scale;
  return boxed.flatMap((layer) => found.get(layer) ?? []).find((box) => isShort(box)
    && px >= box.left - reach && px <= box.left + box.wide + reach && py >= box.top - reach && py <= box.top + box.high + reach)?.text;
}

// A picture that can fill another one does so while the hand is over it.
export function fill(S, px, py) {
  const images = S.scene.layers.filter((layer) => layer.kind === 'image');
  let changed = false;
  for (const target of images) {
    const by = images.find((layer) => {
      if (layer.fills !== target.name) return false;
      const view = panel(S.gd, layer.panel ?? 0);
      return px >= view.px(layer.left) && px <= view.px(layer.right) && py >= view.py(layer.top) && py <= view.py(layer.bottom);
    });
    changed ||= target.filledBy !== by;
    target.filledBy = by;
  }
  if (changed) refresh(S);
}

export function hover(S, event) {
  const box = S.gd.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  fill(S, px, py);
  S.gd.style.cursor = nearest(S, event) ? 'grab' : '';
  let best = { distance: 12 * S.style.scale };
  for (const layer of seen(S).layers) {
    if (layer.kind === 'edges' && layer.tips) {
      const near = onLine(S, layer, px, py, Math.min(best.distance, 5 * S.style.scale));
      if (near.words) best = near;
      continue;
    }
    const places = tellable(layer, S.k);
    const view = places && panel(S.gd, layer.panel ?? 0);
    places?.x.forEach((_, i) => {
      const distance = Math.hypot(view.px(places.x[i]) - px, view.py(places.y[i]) - py);
      if (distance < best.distance) best = { distance, words: places.words(i) };
    });
  }
  const boxed = best.words ? undefined : inBox(S, px, py);
  const words = best.words || boxed || nameAt(S, px, py) || mapValueAt(S, px, py);
  S.tip.stays = Boolean(boxed || S.layout?.meta?.map);
  S.tip.hidden = !words;
  if (!words) return;
  S.tip.textContent = words;
  S.tip.style.left = Math.min(px + 14, S.gd.clientWidth - S.tip.offsetWidth - 4) + 'px';
  S.tip.style.top = Math.max(0, py - S.tip.offsetHeight - 8) + 'px';
}
