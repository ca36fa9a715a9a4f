// How a hall has guessed: points on the picture where points were asked for, bars on the axis where values were, and bars
// of their own for what can be said in words: a choice, the nearest valley, how near.

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

// Bars of what was said under each other, for a file: on the screen they have a place of their own.
function drawGroups(g, S, view, groups) {
  const { font, family, ink } = S.style;
  const most = Math.max(1, ...groups.map(([, count]) => count));
  g.font = `${font}px ${family}`;
  [g.textAlign, g.textBaseline] = ['left', 'middle'];
  groups.forEach(([name, count], i) => {
    const at = view.top + (i + 0.8) * 1.5 * font;
    g.globalAlpha = 0.55;
    g.fillStyle = GUESS;
    g.beginPath();
    g.rect(view.left + 4, at - 0.6 * font, (SHARE * view.width * count) / most, 1.2 * font);
    g.fill();
    g.globalAlpha = 1;
    g.fillStyle = ink;
    g.fillText(`${count} ${name}`, view.left + 8, at);
  });
}

// Draw all guesses of a question over its panel.
export function drawCrowd(g, S, { question, guesses, told }, inFile) {
  const view = panel(S.gd, question.panel);
  if (!view) return;
  g.save();
  g.fillStyle = GUESS;
  if (question.kind === 'point') drawPoints(g, S, view, guesses);
  else if (question.kind !== 'choice') drawBars(g, S, view, question, told.counts);
  if (inFile) drawGroups(g, S, view, told.groups);
  g.restore();
}

// Bars with the counts of what was said, as a node.
export function barsOf({ told: { groups } }) {
  const most = Math.max(1, ...groups.map(([, count]) => count));
  const list = Object.assign(document.createElement('ul'), { className: 'gd-bars' });
  for (const [name, count, right] of groups) {
    const item = document.createElement('li');
    const bar = document.createElement('i');
    bar.style.width = `${(12 * count) / most}em`;
    item.append(Object.assign(document.createElement('span'), { textContent: `${name}${right ? ' ✓' : ''}` }), bar, ` ${count}`);
    list.append(item);
  }
  return list;
}
