// How a hall has guessed: points on the picture where points were asked for, bars on the axis where values were, and bars
// of their own for choices.

import { panel } from './drawing.js';
import { GUESS } from './guess_mark.js';

const SHARE = 0.4; // of a panel that the highest bar takes

function drawPoints(g, S, view, guesses) {
  g.strokeStyle = S.style.paper;
  g.lineWidth = S.style.scale;
  g.globalAlpha = 0.6;
  for (const [x, y] of guesses) {
    g.beginPath();
    g.arc(view.px(x), view.py(y), 5 * S.style.scale, 0, 2 * Math.PI);
    g.fill();
    g.stroke();
  }
}

// Equal parts of an axis are equal in pixels, whatever its scale.
function drawBars(g, S, view, { kind, low, high }, counts) {
  const upright = kind === 'x';
  const [from, to] = upright ? [view.px(low[0]), view.px(high[0])] : [view.py(low[0]), view.py(high[0])];
  const most = Math.max(1, ...counts);
  const step = (to - from) / counts.length;
  g.font = `${S.style.font}px ${S.style.family}`;
  counts.forEach((count, i) => {
    if (!count) return;
    const [at, long] = [from + i * step, (SHARE * (upright ? view.height : view.width) * count) / most];
    g.globalAlpha = 0.55;
    g.fillStyle = GUESS;
    g.beginPath();
    if (upright) g.rect(at, view.top + view.height - long, step, long);
    else g.rect(view.left, Math.min(at, at + step), long, Math.abs(step));
    g.fill();
    g.globalAlpha = 1;
    g.fillStyle = S.style.ink;
    [g.textAlign, g.textBaseline] = upright ? ['center', 'bottom'] : ['left', 'middle'];
    if (upright) g.fillText(String(count), at + step / 2, view.top + view.height - long - 2);
    else g.fillText(String(count), view.left + long + 4, at + step / 2);
  });
}

// Bars of choices under each other, for a file: on the screen they have a place of their own.
function drawChoices(g, S, view, { choices }, counts) {
  const { font, family, ink } = S.style;
  const most = Math.max(1, ...counts);
  g.font = `${font}px ${family}`;
  [g.textAlign, g.textBaseline] = ['left', 'middle'];
  counts.forEach((count, i) => {
    const at = view.top + (i + 0.8) * 1.5 * font;
    g.globalAlpha = 0.55;
    g.fillStyle = GUESS;
    g.beginPath();
    g.rect(view.left + 4, at - 0.6 * font, (SHARE * view.width * count) / most, 1.2 * font);
    g.fill();
    g.globalAlpha = 1;
    g.fillStyle = ink;
    g.fillText(`${count} ${choices[i]}`, view.left + 8, at);
  });
}

// Draw all guesses of a question over its panel.
export function drawCrowd(g, S, { question, guesses, told }, inFile) {
  const view = panel(S.gd, question.panel);
  if (!view || (question.kind === 'choice' && !inFile)) return;
  g.save();
  g.fillStyle = GUESS;
  if (question.kind === 'choice') drawChoices(g, S, view, question, told.counts);
  else if (question.kind === 'point') drawPoints(g, S, view, guesses);
  else drawBars(g, S, view, question, told.counts);
  g.restore();
}

// Bars with the counts of choices, as a node.
export function barsOf({ question, told }) {
  const { choices, kind } = question;
  const most = Math.max(1, ...told.counts);
  const list = Object.assign(document.createElement('ul'), { className: 'gd-bars' });
  if (kind === 'choice') told.counts.forEach((count, i) => {
    const right = told.answers.some(([answer]) => answer === i);
    const item = document.createElement('li');
    const bar = document.createElement('i');
    bar.style.width = `${(12 * count) / most}em`;
    item.append(Object.assign(document.createElement('span'), { textContent: `${choices[i]}${right ? ' ✓' : ''}` }), bar, ` ${count}`);
    list.append(item);
  });
  return list;
}
