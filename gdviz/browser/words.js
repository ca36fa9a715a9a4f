// Words of a picture that fit: where they would meet or leave their panel they are broken into rows, made smaller and moved,
// and numbers shortened; of those that meet even so the first is kept. export/typesetting.py does so in a file.

import { row } from './messages.js';
import { number } from './numerals.js';

const [ROW, LETTERS] = [1.3, 0.9]; // the height of a row, and what letters take of it, in sizes of the type
const [LEAST_WORDS, LEAST_SQUEEZE] = [9 / 13, 0.75]; // the smallest words against the type of the stage; one alone against them
// How words are tried in turn: size, digits of a number, whether it goes without the 0 before its point.
const TRIES = [[1], [0.92], [0.85], [0.78], [0.72], [LEAST_WORDS], [LEAST_WORDS, 2], [LEAST_WORDS, 1], [LEAST_WORDS, 1, true]];
const FAR_TRIES = [[1], [0.9], [0.9, 2], [0.9, 1], ...TRIES.slice(2)]; // from the last row large digits are read, not many
const POINTED = /(?<![\w.])−?\d+\.\d+(?![\w.])/g;
const LEFT_OF = { left: 0, center: 0.5, right: 1 }; // the share of the words left of their point
const [RULER, GAP_OF_WORDS, EDGE_OF_BOX] = [100, 3, 1]; // pixels: a size to measure words at; the least between two, and beside one

let ruler;
// The width of words of one line, in sizes of their type.
export function widthOf(text, family) {
  ruler ??= document.createElement('canvas').getContext('2d');
  ruler.font = `${RULER}px ${family}`;
  return ruler.measureText(text).width / RULER;
}

// A text in rows of so much room, parted at blanks.
export function rowsOf(text, room, measure) {
  const rows = [''];
  for (const word of text.split(' ')) {
    const longer = rows.at(-1) ? `${rows.at(-1)} ${word}` : word;
    if (measure(longer) <= room || !rows.at(-1)) rows[rows.length - 1] = longer;
    else rows.push(word);
  }
  return rows;
}

// A number, or those with a point among words (a count is not rounded), of fewer digits.
function shortened(text, digits, bare) {
  const short = (part) => {
    const value = Number(part.replace('−', '-'));
    const written = number(value, Math.abs(value) >= 1 ? Math.max(2, digits) : digits);
    return bare ? written.replace(/^(−?)0\./, '$1.') : written;
  };
  if (!digits) return text;
  return /^−?[\d.]+$/.test(text) ? short(text) : text.replace(POINTED, short);
}

// Where words of some length begin so that they stay in their room.
export const keptIn = (start, length, low, room) => Math.max(low, Math.min(low + room - length, start));

// The box of a word in its panel at one of the tries.
function boxOf({ text, x, y, size, align, view, room = view.width }, [by, ...shorter], { font, family }) {
  const type = Math.max(Math.min(size, LEAST_WORDS * font), size * by);
  const measure = (words) => type * widthOf(words, family);
  const rows = rowsOf(shortened(text, ...shorter), room, measure);
  const [wide, high] = [Math.max(...rows.map(measure)), (ROW * (rows.length - 1) + LETTERS) * type];
  const [left, top] = [keptIn(x - LEFT_OF[align] * wide, wide, view.left, view.width), keptIn(y - high / 2, high, view.top, view.height)];
  return { text, rows, type, align, wide, high, left, top, narrow: wide > room };
}

// A word that nothing has made short enough is written smaller than those of its size.
function squeezed(box, room) {
  const by = Math.max(LEAST_SQUEEZE, Math.min(1, room / box.wide));
  const { align, type, wide, high, left, top } = box;
  return { ...box, type: by * type, wide: by * wide, high: by * high, left: left + LEFT_OF[align] * (1 - by) * wide, top: top + (1 - by) * high / 2 };
}

const meet = (a, b) => a.left < b.left + b.wide + GAP_OF_WORDS && b.left < a.left + a.wide + GAP_OF_WORDS && a.top < b.top + b.high && b.top < a.top + a.high;

// The words over the handles of a panel.
const handleWords = ({ handles = [] }, panel, view, { font, scale }) => handles.filter((one) => one.label && one.drawn && one.panel === panel)
  .map(({ label, x, y, size }) => ({ text: label, x: view.px(x), y: view.py(y) - (size + 4) * scale - font / 2, size: font, align: 'center', view }));

// The words of labels of one panel as boxes, in the order given; without rows where they have no place beside what is
// `taken`. Words of one size stay so.
function fitted(words, style, taken) {
  const ways = style.scale > 1 ? FAR_TRIES : TRIES;
  const tries = new Map(words.map(({ size }) => [size, 0]));
  const meetsOne = (box, others) => others.some((other) => other !== box && meet(box, other));
  let [boxes, tight] = [];
  do {
    boxes = words.map((word) => boxOf(word, ways[tries.get(word.size)], style));
    tight = new Set(words.filter(({ size }, i) => tries.get(size) < ways.length - 1 && (boxes[i].narrow || meetsOne(boxes[i], boxes))).map(({ size }) => size));
    for (const size of tight) tries.set(size, tries.get(size) + 1);
  } while (tight.size);
  boxes = boxes.map((box, i) => squeezed(box, words[i].room ?? Infinity));
  const kept = [...taken];
  return boxes.map((box) => (meetsOne(box, kept) ? { ...box, rows: [] } : (kept.push(box), box)));
}

function wordsAt(layer, k, style, view) {
  const [x, y] = [row(layer.x, Math.round(k)), row(layer.y, Math.round(k))];
  const texts = layer.texts[Math.min(Math.round(k), Object.keys(layer.texts).length - 1)];
  const size = (layer.size * style.font) / 13;
  const room = layer.room ? Math.abs(view.px(layer.room) - view.px(0)) - 2 * EDGE_OF_BOX : undefined;
  return [...x].map((_, i) => ({ layer, text: texts[i], x: view.px(x[i]), y: view.py(y[i]), size, align: layer.align, view, room }))
    .filter((word) => word.text && view.holds(word.x, word.y));
}

// The boxes of the labels of a scene at step k, by layer.
export function fitLabels(scene, k, style, viewOf) {
  const found = new Map();
  const labels = scene.layers.filter(({ kind }) => kind === 'labels');
  for (const panel of new Set(labels.map((layer) => layer.panel ?? 0))) {
    const view = viewOf(panel);
    if (!view) continue; // a figure of fewer panels has come before its own scene
    const words = labels.filter((layer) => (layer.panel ?? 0) === panel).flatMap((layer) => wordsAt(layer, k, style, view));
    const taken = handleWords(scene, panel, view, style).map((word) => boxOf(word, TRIES[0], style));
    fitted(words, style, taken).forEach((box, i) => found.set(words[i].layer, [...(found.get(words[i].layer) ?? []), box]));
  }
  return found;
}

// Whether a box says less than it should.
export const isShort = ({ text, rows }) => rows.join(' ') !== text;

// Write boxes with a pen.
export function write(g, boxes, { family }) {
  g.textBaseline = 'middle';
  for (const { rows, type, align, wide, high, left, top } of boxes) {
    g.font = `${type}px ${family}`;
    g.textAlign = align;
    const above = top + high / 2 - (ROW * type * (rows.length - 1)) / 2;
    rows.forEach((text, i) => g.fillText(text, left + LEFT_OF[align] * wide, above + ROW * type * i));
  }
}
