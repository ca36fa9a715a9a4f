// The marks of handles: a disc where the handle is, or an arrow at the edge towards one that is outside.

import { panel } from './drawing.js';
import { arrowhead } from './glyphs.js';
import { seen, within } from './guess.js';
import { number } from './numerals.js';
import { keptIn, widthOf } from './words.js';

const EDGE = 11; // pixels from the edge of a panel to the mark of a handle that is outside

// Where the mark of a handle is, in pixels; `turn` is the way to a handle outside its panel, null for one inside.
export function placeOf(S, handle) {
  const view = panel(S.gd, handle.panel);
  if (!view) return null; // a figure of fewer panels has come before its own scene
  const [x, y] = [view.px(handle.x), view.py(handle.y)];
  if (Number.isNaN(x + y)) return null;
  if (!handle.drawn || view.holds(x, y)) return { x, y, turn: null };
  const edge = EDGE * S.style.scale;
  const px = Math.max(view.left + edge, Math.min(view.left + view.width - edge, x));
  const py = Math.max(view.top + edge, Math.min(view.top + view.height - edge, y));
  return { x: px, y: py, turn: Math.atan2(y - py, x - px), view };
}

// The value of a handle in words, for its label and for who listens.
export const valueOf = ({ x, y, axes }) => (axes === 'xy' ? `${number(x)}, ${number(y)}` : number(axes === 'y' ? y : x));
const withValue = (handle) => `${handle.label} ${valueOf(handle)}`;

export function drawHandle(g, S, handle) {
  const place = handle.drawn && placeOf(S, handle);
  if (!place) return;
  const { style } = S;
  const size = handle.size * style.scale;
  g.lineWidth = 2.5 * style.scale * Math.min(1, handle.size / 8);
  g.strokeStyle = style.ink;
  g.fillStyle = handle.color ?? (place.turn === null ? style.paper : style.ink);
  if (place.turn === null) disc(g, place, size);
  else arrow(g, place, size);
  g.fillStyle = style.ink;
  g.font = `${style.font}px ${style.family}`;
  if (place.turn === null) over(g, handle, place, S);
  else if (handle.label) inward(g, S.held?.id === handle.id ? handle.label : withValue(handle), place, style);
}

function disc(g, { x, y }, size) {
  g.beginPath();
  g.arc(x, y, size, 0, 2 * Math.PI);
  g.fill();
  g.stroke();
}

function arrow(g, { x, y, turn }, size) {
  const [dx, dy] = [Math.cos(turn), Math.sin(turn)];
  arrowhead(g, [x, y, x + size * dx, y + size * dy], size);
}

function label(g, text, x, y, align) {
  g.textAlign = align;
  g.textBaseline = 'bottom';
  g.fillText(text, x, y);
}

// The words of a handle stand over it, inside its panel; at the upper edge of its panel, where other words may be, beside it.
function over(g, handle, { x, y }, { gd, style }) {
  const [view, far] = [panel(gd, handle.panel), (handle.size + 4) * style.scale];
  const half = (style.font * widthOf(handle.label, style.family)) / 2;
  const middle = keptIn(x - half, 2 * half, view.left, view.width) + half;
  if (y - far - style.font >= view.top) return label(g, handle.label, middle, y - far, 'center');
  const right = x < view.left + 0.8 * view.width;
  label(g, handle.label, right ? x + far : x - far, y + style.font / 2, right ? 'left' : 'right');
}

// The words of a handle that is outside stand inside the panel.
function inward(g, text, { x, y, view }, style) {
  const share = (x - view.left) / view.width;
  const above = y - view.top > 3 * style.font;
  label(g, text, x, above ? y - 0.8 * style.font : y + 2 * style.font, share < 0.2 ? 'left' : share > 0.8 ? 'right' : 'center');
}

// While a handle is held it is drawn where the hand is, riding its curve, not where Python last put it.
export function handlesNow(S) {
  const { handles } = S.scene;
  const all = within(S) === handles ? handles : [...handles, ...within(S)];
  return all.map((handle) => {
    if (S.held?.id !== handle.id) return handle;
    const held = { ...handle, ...S.held.point };
    return { ...held, label: withValue(held) };
  });
}

// What a reader of the screen hears of a stage: its description, and the handles that are outside the axes.
export function spoken(S) {
  const outside = S.scene.handles.filter((handle) => handle.drawn && handle.label && (placeOf(S, handle)?.turn ?? null) !== null);
  return [seen(S).alt ?? '', ...outside.map((handle) => `The handle ${withValue(handle)} is outside the axes.`)].join(' ').trim();
}
