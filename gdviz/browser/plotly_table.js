// The numbers of a Plotly figure as tables, for who reads them instead of seeing them.

import { number } from './numerals.js';

const ROWS = 200; // of a table at most: of more, every second or tenth is shown, and the table says so
const COLUMNS = 24;
const PLAIN = /<[^<>]*>/g;

// The drawing is described by the figure's name: its ticks and titles are not read one by one.
export function hideDrawing(gd) {
  for (const svg of gd.querySelectorAll('svg.main-svg')) svg.setAttribute('aria-hidden', 'true');
}

const isList = (v) => Array.isArray(v) || ArrayBuffer.isView(v);
const textOf = (v) => (typeof v === 'number' ? number(v) : v === null || v === undefined ? '–' : String(v).replace(PLAIN, ''));
const thinned = (n, most) => { const by = Math.ceil(n / most); return { by, at: Array.from({ length: Math.ceil(n / by) }, (_, i) => i * by) }; };

const titleOf = (layout, axis, fallback) => textOf(layout[axis?.replace(/^([xyz])/, '$1axis')]?.title?.text || fallback);

// A grid of values: a row for each y, a column for each x.
function grid({ x, y, z, name }, labels) {
  const [down, across] = [thinned(z.length, ROWS), thinned(z[0].length, COLUMNS)];
  const head = [`${labels.y} \\ ${labels.x}`, ...across.at.map((j) => textOf(x?.[j] ?? j))];
  return { name, head, rows: down.at.map((i) => [textOf(y?.[i] ?? i), ...across.at.map((j) => textOf(z[i][j]))]), by: Math.max(down.by, across.by) };
}

// The columns of a trace that is a list of points.
function list(trace, labels) {
  const kept = Object.entries({ ...labels, r: 'r', theta: 'θ', labels: 'label', values: 'value' }).filter(([key]) => isList(trace[key]));
  const { by, at } = thinned(Math.max(0, ...kept.map(([key]) => trace[key].length)), ROWS);
  return { name: trace.name, head: kept.map(([, title]) => title), rows: at.map((i) => kept.map(([key]) => textOf(trace[key][i]))), by };
}

function tablesOf({ _fullData: traces, _fullLayout: layout }) {
  return traces.filter(({ visible }) => visible === true).map((trace) => {
    const space = layout[trace.scene ?? 'scene'] ?? {};
    const labels = trace.scene ? { x: titleOf(space, 'x', 'x'), y: titleOf(space, 'y', 'y'), z: titleOf(space, 'z', 'z') } : { x: titleOf(layout, trace.xaxis, 'x'), y: titleOf(layout, trace.yaxis, 'y'), z: 'value' };
    return isList(trace.z?.[0]) ? grid(trace, labels) : list(trace, labels);
  }).filter(({ rows }) => rows.length);
}

const node = (name, content = [], attributes = {}) => {
  const made = document.createElement(name);
  made.append(...[content].flat());
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

// One table for each trace of a figure that has numbers.
const tables = (gd) => tablesOf(gd).map(({ name, head, rows, by }, i) => {
  const title = `${textOf(name || `curve ${i + 1}`)}${by > 1 ? `, one in ${by}` : ''}`;
  const body = rows.map((row) => node('tr', row.map((cell) => node('td', cell))));
  return node('table', [node('caption', title), node('thead', node('tr', head.map((cell) => node('th', cell, { scope: 'col' })))), node('tbody', body)]);
});

const TABLE_CSS = `
.gd-numbers { max-height: 20rem; overflow: auto; font-size: 0.875rem; }
.gd-numbers table { border-collapse: collapse; margin: 0.4rem 1rem 0.8rem 0; font-variant-numeric: tabular-nums; }
.gd-numbers caption { text-align: left; font-weight: 600; }
.gd-numbers :is(td, th) { padding: 1px 10px 1px 0; text-align: right; white-space: nowrap; }`;

// The tables behind a chart, which a button of its tool bar opens and closes.
export class NumbersOf {
  constructor(root, gd) {
    this.gd = gd;
    this.place = node('div', [], { class: 'gd-numbers', role: 'region', tabindex: '0' });
    this.place.hidden = true;
    root.append(node('style', TABLE_CSS), this.place);
  }

  name(alt) {
    this.place.setAttribute('aria-label', `Numbers of the chart. ${alt}`);
  }

  turn() {
    this.place.hidden = !this.place.hidden;
    this.renew();
  }

  // A chart that has changed has other numbers.
  renew() {
    if (!this.place.hidden) this.place.replaceChildren(...tables(this.gd));
  }
}
