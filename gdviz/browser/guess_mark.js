// The guess on the stage: a handle while it can be moved; then a mark, and the way from it to the answer.

import { panel } from './drawing.js';
import { mark } from './glyphs.js';
import { nearestAnswer } from './question.js';

export const GUESS = '#E0218A'; // 4 : 1 or more on both papers, and no method's
const RADIUS = 9; // pixels, a radius

// The middle of an axis that begins at a pixel; 0 is 0, whatever rounding makes of it.
function middleOf(value, start, size) {
  const [low, middle, high] = [0, 0.5, 1].map((share) => value(start + share * size));
  return Math.abs(middle) < 1e-9 * Math.abs(high - low) ? 0 : middle;
}

// A guess as a point of its panel: a value on one axis stands in the middle of the other.
function pointOf(S, { kind, panel: index }, at) {
  const view = panel(S.gd, index);
  const middle = { x: middleOf(view.x, view.left, view.width), y: middleOf(view.y, view.top, view.height) };
  if (kind === 'point') return at ? { x: at[0], y: at[1] } : middle;
  return at ? { ...middle, [kind]: at[0] } : middle;
}

// The handle of a guess: where there is none yet, a place for clicks. `put` gets the point at which it is let go.
export function guessHandle(S, question, at, put) {
  return {
    id: 'guess', label: '', spoken: 'your guess', ...pointOf(S, question, at), axes: question.kind === 'point' ? 'xy' : question.kind,
    panel: question.panel, curve: null, live: false, knobs: {}, drawn: Boolean(at), size: RADIUS, color: GUESS, fixed: false, put,
  };
}

// The coordinates of a point that a question asks for.
export const asked = ({ kind }, { x, y }) => (kind === 'point' ? [x, y] : [kind === 'x' ? x : y]);

// A line across the panel where a value is on an axis.
function across(g, view, { kind }, { x, y }) {
  const [px, py] = [view.px(x), view.py(y)];
  const { left, top, width, height } = view;
  g.beginPath();
  if (kind === 'x') { g.moveTo(px, top); g.lineTo(px, top + height); } else { g.moveTo(left, py); g.lineTo(left + width, py); }
  g.stroke();
}

// Words at the left of a place where `side` is negative, else at its right; at the other side where there is no room.
function tag(g, S, view, text, [px, py], side) {
  const { style } = S;
  g.font = `${style.font}px ${style.family}`;
  const gap = 1.8 * RADIUS * style.scale;
  const room = side < 0 ? px - view.left : view.left + view.width - px;
  const left = (side < 0) === (room > gap + g.measureText(text).width);
  g.textAlign = left ? 'right' : 'left';
  g.textBaseline = 'middle';
  g.lineWidth = 4 * style.scale;
  g.strokeStyle = style.paper;
  g.strokeText(text, px + (left ? -gap : gap), py);
  g.fillStyle = style.ink;
  g.fillText(text, px + (left ? -gap : gap), py);
}

// The guess as a cross, and with `told` the answer as a ring, at the ends of a way in pixels.
function drawMarks(g, S, [ax, ay, bx, by], told) {
  const size = RADIUS * S.style.scale;
  g.beginPath();
  if (told) { g.moveTo(ax, ay); g.lineTo(bx, by); }
  g.stroke();
  g.setLineDash([]);
  mark(g, 'cross', ax, ay, size);
  if (told) mark(g, 'open', bx, by, size);
}

// Draw a guess, by its handle while it can be moved; with `told` the answer too, and the way to it.
export function drawGuess(g, S, question, at, told) {
  const view = panel(S.gd, question.panel);
  if (!view || question.kind === 'choice' || !at) return;
  const [here, there] = [pointOf(S, question, at), pointOf(S, question, told ? nearestAnswer(question, at) : at)];
  const way = [view.px(here.x), view.py(here.y), view.px(there.x), view.py(there.y)];
  const [ax, ay, bx, by] = way;
  g.save();
  g.strokeStyle = GUESS;
  g.lineWidth = 2 * S.style.scale;
  g.setLineDash([6, 4]);
  if (question.kind !== 'point') for (const place of told ? [here, there] : [here]) across(g, view, question, place);
  if (!S.guessing) drawMarks(g, S, way, told);
  g.setLineDash([]);
  const side = told && ax < bx ? -1 : 1;
  tag(g, S, view, 'your guess', [ax, ay], side);
  const lower = Math.abs(by - ay) < 1.5 * S.style.font ? ay + 1.5 * S.style.font : by; // words never lie on words
  if (told) tag(g, S, view, 'the answer', [bx, lower], -side);
  g.restore();
}
