// Strokes: every layer of a scene drawn at a step, by a canvas context or by the SVG pen, which has the same verbs.

import { arrowhead, line, mark } from './glyphs.js';
import { row } from './messages.js';
import { SHADES, css, painted, shadeOf, shades } from './shades.js';
import { fitLabels, write } from './words.js';

const MOST_PANELS = 24; // that a cursor goes through
const DASHES = { solid: [], dash: [9, 5], dot: [2, 4], dashdot: [9, 4, 2, 4] };
const NEAR = 0.1; // pixels: a corner of a path so near to the one before is not seen, and costs as much
const FAR = 1e5; // pixels: canvas coordinates are clamped here, far outside any window

// Panel i of the figure: its own axes, or the first x axis where panels stand above each other.
export function panel(gd, index) {
  const layout = gd._fullLayout;
  const suffix = index ? String(index + 1) : '';
  const ya = layout['yaxis' + suffix];
  if (!ya) return null;
  const xa = layout['xaxis' + suffix] ?? layout.xaxis;
  const clamp = (v) => Math.max(-FAR, Math.min(FAR, v));
  return {
    left: xa._offset, top: ya._offset, width: xa._length, height: ya._length,
    px: (x) => clamp(xa._offset + xa.l2p(xa.d2l(x))),
    py: (y) => clamp(ya._offset + ya.l2p(ya.d2l(y))),
    x: (px) => xa.l2d(xa.p2l(px - xa._offset)),
    y: (py) => ya.l2d(ya.p2l(py - ya._offset)),
    holds(px, py) {
      return px >= this.left && py >= this.top && px <= this.left + this.width && py <= this.top + this.height;
    },
  };
}

// Position of a track at a fractional step, so that slow playback glides.
function at(layer, k) {
  const i = Math.min(Math.floor(k), layer.x.rows - 1);
  const j = Math.min(i + 1, layer.x.rows - 1);
  const part = Math.min(k - i, 1);
  // Between two infinite values there is no way; what is not finite is a jump, not a glide.
  const mix = (a) => (j > i && Number.isFinite(a.data[j] - a.data[i]) ? a.data[i] + part * (a.data[j] - a.data[i]) : a.data[i]);
  return [mix(layer.x), mix(layer.y)];
}

const PENS = {
  ghost(g, layer, view, k, style) {
    g.globalAlpha = 0.4;
    g.setLineDash([3, 3]);
    path(g, layer, view, layer.x.rows - 1, style.width);
    dots(g, layer, view, 0, layer.x.rows - 1, 2.5 * style.scale, () => 0.35);
  },
  track(g, layer, view, k, style) {
    if (layer.tail) return walk(g, layer, view, k, style);
    g.setLineDash(DASHES[layer.dash] ?? []);
    if (k < layer.x.rows - 1) { // what is still to come, faintly
      g.globalAlpha = 0.25;
      path(g, layer, view, layer.x.rows - 1, style.width * 0.7);
    }
    // A long run that jumps about would fill its valley with ink.
    const long = layer.x.rows > 80;
    g.globalAlpha = long ? 0.6 : 0.9;
    path(g, layer, view, k, long ? style.width * 0.7 : style.width);
    g.setLineDash([]);
    const last = Math.min(Math.floor(k), layer.x.rows - 1);
    dots(g, layer, view, Math.max(0, last - 30), last, 3 * style.scale, (age) => Math.max(0.25, 1 - age / 25));
    g.globalAlpha = 1;
    head(g, layer, view, k, style);
  },
  segments(g, layer, view, k, style) {
    const [x0, y0, x1, y1] = ['x0', 'y0', 'x1', 'y1'].map((name) => row(layer[name], Math.round(k)));
    g.setLineDash(DASHES[layer.dash] ?? []);
    g.lineWidth = style.width;
    x0.forEach((_, i) => {
      const ends = [view.px(x0[i]), view.py(y0[i]), view.px(x1[i]), view.py(y1[i])];
      if (ends.some(Number.isNaN)) return;
      line(g, ends);
      if (layer.arrow) arrowhead(g, ends, 5 * style.scale);
    });
  },
  points(g, layer, view, k, style) {
    const [x, y] = [row(layer.x, Math.round(k)), row(layer.y, Math.round(k))];
    g.lineWidth = 1.5 * style.scale;
    const sizes = layer.sizes && row(layer.sizes, Math.round(k));
    x.forEach((_, i) => {
      if (Number.isNaN(x[i]) || Number.isNaN(y[i])) return;
      mark(g, layer.symbol, view.px(x[i]), view.py(y[i]), (sizes ? sizes[i] : 4.5) * style.scale);
    });
  },
  polygon(g, layer, view, k) {
    g.globalAlpha = layer.opacity;
    strokes(g, view, row(layer.x, Math.round(k)), row(layer.y, Math.round(k)));
    g.closePath();
    g.fill();
  },
  line(g, layer, view, k, style) {
    const [x, y] = [row(layer.x, Math.round(k)), row(layer.y, Math.round(k))];
    if (layer.fill !== null) shade(g, layer, view, x, y);
    g.globalAlpha = 1;
    g.setLineDash(DASHES[layer.dash] ?? []);
    g.lineWidth = layer.width * style.scale;
    strokes(g, view, x, y);
    g.stroke();
  },
  cells(g, layer, view, k, style) {
    const ends = ['x0', 'y0', 'x1', 'y1'].map((name) => row(layer[name], Math.round(k)));
    const table = shades(layer, style);
    g.globalAlpha = layer.opacity;
    row(layer.values, Math.round(k)).forEach((value, i) => {
      if (Number.isNaN(value)) return;
      const [x0, y0, x1, y1] = [view.px(ends[0][i]), view.py(ends[1][i]), view.px(ends[2][i]), view.py(ends[3][i])];
      g.fillStyle = css(table[shadeOf(value, layer)]);
      g.beginPath();
      g.rect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
      g.fill();
    });
  },
  image(g, layer, view, k, style) {
    const [x0, y0, x1, y1] = [view.px(layer.left), view.py(layer.top), view.px(layer.right), view.py(layer.bottom)];
    g.globalAlpha = layer.opacity;
    const shown = layer.filledBy ?? layer; // a small picture under the hand stands in for a large one
    g.drawImage(painted(shown, Math.round(k), style), x0, y0, x1 - x0, y1 - y0);
  },
  edges(g, layer, view, k, style) {
    const [x0, y0, x1, y1] = ['x0', 'y0', 'x1', 'y1'].map((name) => row(layer[name], Math.round(k)));
    const table = shades(layer, style);
    row(layer.weights, Math.round(k)).forEach((weight, i) => {
      const size = Math.min(1, Math.abs(weight) / layer.most);
      if (Number.isNaN(size)) return;
      g.globalAlpha = 0.25 + 0.75 * size;
      g.lineWidth = (0.5 + 5 * size) * style.scale;
      g.strokeStyle = css(table[weight < 0 ? 0 : SHADES]);
      line(g, [view.px(x0[i]), view.py(y0[i]), view.px(x1[i]), view.py(y1[i])]);
    });
  },
  labels(g, layer, view, k, style, words) {
    write(g, words.get(layer) ?? [], style);
  },
  reading() {},
  cursor() {},
};

// A polyline through points; one that is not a number breaks it.
function strokes(g, view, x, y) {
  let down = false;
  g.beginPath();
  x.forEach((_, i) => {
    const gap = Number.isNaN(x[i]) || Number.isNaN(y[i]);
    if (gap) down = false;
    else if (down) g.lineTo(view.px(x[i]), view.py(y[i]));
    else { g.moveTo(view.px(x[i]), view.py(y[i])); down = true; }
  });
}

function shade(g, layer, view, x, y) {
  const base = view.py(layer.fill);
  g.globalAlpha = 0.2;
  g.beginPath();
  let last = null;
  const close = () => { if (last !== null) { g.lineTo(last, base); g.closePath(); } last = null; };
  x.forEach((_, i) => {
    if (Number.isNaN(x[i]) || Number.isNaN(y[i])) return close();
    if (last === null) g.moveTo(view.px(x[i]), base);
    last = view.px(x[i]);
    g.lineTo(last, view.py(y[i]));
  });
  close();
  g.fill();
}

// A walk that comes back to where it was: dots where it has been, a line along its last steps only.
function walk(g, layer, view, k, style) {
  const last = Math.min(Math.floor(k), layer.x.rows - 1);
  dots(g, layer, view, 0, last, 2.3 * style.scale, () => 0.4);
  g.globalAlpha = 0.75;
  g.setLineDash(DASHES[layer.dash] ?? []);
  path(g, layer, view, k, style.width * 0.8, Math.max(0, last - layer.tail));
  g.setLineDash([]);
  g.globalAlpha = 1;
  head(g, layer, view, k, style);
}

function path(g, layer, view, k, width, from = 0) {
  g.lineWidth = width;
  g.beginPath();
  const whole = Math.min(Math.floor(k), layer.x.rows - 1);
  let [ax, ay] = [NaN, NaN];
  for (let i = from; i <= whole; i++) {
    const [px, py] = [view.px(layer.x.data[i]), view.py(layer.y.data[i])];
    if (i < whole && Math.abs(px - ax) + Math.abs(py - ay) < NEAR) continue;
    if (i > from) g.lineTo(px, py); else g.moveTo(px, py);
    [ax, ay] = [px, py];
  }
  if (k > whole) {
    const [x, y] = at(layer, k);
    g.lineTo(view.px(x), view.py(y));
  }
  g.stroke();
}

function dots(g, layer, view, first, last, radius, alpha) {
  for (let i = first; i <= last; i++) {
    g.globalAlpha = alpha(last - i);
    mark(g, layer.symbol, view.px(layer.x.data[i]), view.py(layer.y.data[i]), radius);
  }
}

function head(g, layer, view, k, style) {
  const [x, y] = at(layer, k);
  const [px, py] = [view.px(x), view.py(y)];
  if (view.holds(px, py)) {
    g.lineWidth = 1.5 * style.scale;
    mark(g, layer.symbol, px, py, 6.5 * style.scale);
    g.strokeStyle = style.paper;
    g.stroke();
    return;
  }
  // A run that has left the window is not clipped away: an arrow on the edge points to it.
  const edge = 9 * style.scale;
  const ex = Math.max(view.left + edge, Math.min(view.left + view.width - edge, px));
  const ey = Math.max(view.top + edge, Math.min(view.top + view.height - edge, py));
  const turn = Math.atan2(py - ey, px - ex);
  arrowhead(g, [ex - Math.cos(turn), ey - Math.sin(turn), ex + edge * Math.cos(turn), ey + edge * Math.sin(turn)], edge);
}

// Draw step k of a scene with pen `g` (a canvas context, or the SVG recorder below).
export function draw(g, gd, scene, k, style) {
  const words = fitLabels(scene, k, style, (index) => panel(gd, index));
  for (const layer of scene.layers) {
    const view = panel(gd, layer.panel ?? 0);
    if (!view) continue;
    g.save();
    g.beginPath();
    g.rect(view.left, view.top, view.width, view.height);
    g.clip();
    g.strokeStyle = g.fillStyle = (layer.color === 'paper' ? style.paper : layer.color) ?? style.ink;
    g.lineJoin = 'round';
    PENS[layer.kind](g, layer, view, k, style, words);
    g.restore();
    if (layer.kind === 'cursor') drawCursor(g, gd, layer, k, style);
  }
}

function drawCursor(g, gd, layer, k, style) {
  const views = Array.from({ length: MOST_PANELS }, (_, i) => panel(gd, i)).filter(Boolean);
  const x = at({ x: layer.x, y: layer.x }, k)[0];
  const px = views[0].px(x);
  if (px < views[0].left || px > views[0].left + views[0].width) return;
  g.save();
  g.strokeStyle = layer.color ?? style.ink;
  g.globalAlpha = 0.45;
  g.lineWidth = style.scale;
  g.setLineDash([4, 4]);
  for (const view of views) line(g, [px, view.top, px, view.top + view.height]);
  g.restore();
}
