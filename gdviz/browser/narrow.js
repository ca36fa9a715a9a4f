// A narrow stage, such as a phone's: what is written beside a panel in a wide one would lie on the panel before it. The
// title of a right panel's height stands above it instead, its numbers get room, and long words have several rows.

import { rowsOf } from './words.js';

const NARROW_STAGE = 500; // pixels, as in export/styles.py
const LEFTMOST = 0.04; // a panel that begins so near to the left edge has the figure's margin
const [NUMBERS, NOTHING] = [40, 18]; // pixels between a panel and one before it, for its numbers or for none
const TITLE_ROW = 1.5; // the height of a row of words above a panel, in sizes of the type
const LARGER = 1.2; // is Plotly's type of the titles of axes

export const isNarrow = (width) => width > 0 && width < NARROW_STAGE;

const acrossOf = (name, axis) => `xaxis${(axis.anchor ?? 'x').slice(1)}`;
const spanOf = (axis) => axis?.domain ?? [0, 1];
const isBare = (axis) => axis?.visible === false || axis?.showticklabels === false;

// The domains of the x axes, with room for what stands between a panel and the one before it.
function withGaps(axes, wide, widthOf) {
  const across = axes.filter(([name]) => name[0] === 'x');
  const ends = across.map(([, axis]) => spanOf(axis)[1]);
  return Object.fromEntries(across.map(([name, axis]) => {
    const [left, right] = spanOf(axis);
    const before = Math.max(...ends.filter((end) => end <= left));
    if (!Number.isFinite(before) || axis.visible === false) return [name, axis];
    const up = axes.filter(([other, one]) => other[0] === 'y' && acrossOf(other, one) === name && !isBare(one)).map(([, one]) => one);
    const words = up.flatMap(({ ticktext }) => ticktext ?? []).map(widthOf);
    const room = words.length ? Math.max(...words) + NUMBERS / 3 : up.length ? NUMBERS : NOTHING;
    const start = Math.max(left, Math.min(before + room / wide, (left + right) / 2));
    return [name, { ...axis, domain: [start, right] }];
  }));
}

// Fewer numbers along an x axis, so that they stand upright.
function fewer({ type, range, tickvals, ticktext, nticks = 9 }, room, widthOf) {
  if (ticktext) return {};
  if (!tickvals || !range) return { tickangle: 0, nticks: Math.max(room < NUMBERS ? 2 : 3, Math.min(nticks, Math.round(room / NUMBERS))) };
  let end = -Infinity;
  const shown = tickvals.filter((value) => {
    const at = (room * ((type === 'log' ? Math.log10(value) : value) - range[0])) / (range[1] - range[0]);
    const half = widthOf(String(value)) / 2;
    if (at - half < end + NOTHING / 3) return false;
    end = at + half;
    return true;
  });
  return { tickangle: 0, tickvals: shown };
}

// A note of the figure where its panel is now, in rows that are no longer than the panel.
function kept(note, axes, layout, wide, widthOf) {
  if (note.xref !== 'paper') return { ...note };
  const over = axes.find(([name, axis]) => name[0] === 'x' && spanOf(axis)[0] - 0.01 <= note.x && note.x < spanOf(axis)[1]);
  const [from, to] = over ? [spanOf(over[1]), spanOf(layout[over[0]])] : [[0, 1], [0, 1]];
  const x = note.x + to[0] - from[0];
  return { ...note, x, text: rowsOf(note.text, (to[1] - x) * wide + 4, widthOf).join('<br>') };
}

// Notes over the panels at the right, instead of the titles beside them; one that is there already gets a row more.
function raise(axes, layout, told, { font, wide, widthOf }) {
  const notes = [];
  for (const [name, axis] of axes.filter(([other, one]) => other[0] === 'y' && one.title?.text)) {
    const x = acrossOf(name, axis);
    const [left, right] = spanOf(layout[x]);
    if (left <= LEFTMOST) continue;
    const text = rowsOf(axis.title.text, (right - left) * wide + font, widthOf).join('<br>');
    const above = told.find((note) => note.xref === 'paper' && note.x >= left - 0.1 && note.x < right && note.y === spanOf(axis)[1]);
    if (above) above.text += `<br>${text}`;
    else notes.push({ text, xref: `${x.replace('axis', '')} domain`, yref: `${name.replace('axis', '')} domain`, x: 0.5, y: 1, xanchor: 'center', yanchor: 'bottom', showarrow: false, font: { size: font } });
    layout[name] = { ...axis, title: { ...axis.title, text: '' } };
  }
  return notes;
}

const rowsIn = (notes) => Math.max(0, ...notes.map(({ text }) => text.split('<br>').length));

// The layout of a figure as it is drawn that wide; `style` is that of the stage.
export function narrowed(from, width, { font, family }) {
  const ruler = Object.assign(document.createElement('canvas').getContext('2d'), { font: `${font}px ${family}` });
  const widthOf = (text) => ruler.measureText(text).width;
  const { l = 0, r = 0, t = 0 } = from.margin ?? {};
  const wide = width - l - r;
  const axes = Object.entries(from).filter(([name]) => /^[xy]axis/.test(name));
  const layout = { ...from, ...withGaps(axes, wide, widthOf) };
  for (const [name] of axes.filter(([one]) => one[0] === 'x')) {
    const { title, domain = [0, 1] } = layout[name];
    const panel = (domain[1] - domain[0]) * wide;
    const room = (panel + 2 * font) / LARGER;
    layout[name] = { ...layout[name], ...fewer(layout[name], panel, widthOf) };
    if (title?.text) layout[name] = { ...layout[name], title: { ...title, text: rowsOf(title.text, room, widthOf).join('<br>') } };
  }
  const told = (from.annotations ?? []).map((note) => kept(note, axes, layout, wide, widthOf));
  const raised = raise(axes, layout, told, { font, wide, widthOf });
  const before = Math.min(1, told.filter(({ yref }) => yref === 'paper').length);
  const rows = Math.max(rowsIn(raised), rowsIn(told.filter(({ yref }) => yref === 'paper')) - before);
  return { ...layout, annotations: [...told, ...raised], margin: { ...from.margin, t: t + rows * TITLE_ROW * font } };
}
