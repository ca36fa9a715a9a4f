// The live picture of the first page: a curve, a start to drag, and where gradient descent goes.
//
// In: data = {coefficients, lo, hi, start, rate, rates: [least, most], steps, page, asked, names,
// large}; `asked` are settings of `page`, and `names` what it calls the start and the rate.
// The polynomial Σ cᵢxⁱ and its derivative are all it needs: nothing is asked of the server.

import { number } from './numerals.js';

const W = 640, H = 300, EDGE = 14, FAR = 1e6;
const SVG = 'http://www.w3.org/2000/svg';
const CSS = `
  :host, .cover { display: block; color: var(--st-text-color, #31333f); font: 0.85rem/1.4 var(--st-font, sans-serif); }
  .large { font-size: 20px; }
  svg { display: block; width: 100%; max-height: 21rem; touch-action: pan-y; user-select: none; }
  .curve { fill: none; stroke: #808080; stroke-width: 2.5; }
  .path { fill: none; stroke: #0072b2; stroke-width: 2; stroke-linejoin: round; }
  .step { fill: #0072b2; }
  .end { fill: #d55e00; }
  .start { cursor: grab; touch-action: none; outline: none; }
  .start .mark { fill: var(--st-background-color, #fff); stroke: currentColor; stroke-width: 3; }
  .start:focus-visible .mark { stroke: #0072b2; stroke-width: 5; }
  .start .reach { fill: transparent; }
  text { fill: currentColor; font-size: 15px; }
  label { display: flex; gap: 0.6rem; align-items: center; flex-wrap: wrap; }
  input { flex: 1 1 8rem; accent-color: #0072b2; min-height: 1.6rem; }
  output { font-variant-numeric: tabular-nums; }
  p { margin: 0.2rem 0 0; } a { color: var(--st-link-color, #0072b2); }
`;

const covers = new WeakMap();

export default function ({ data, parentElement }) {
  if (!covers.has(parentElement)) covers.set(parentElement, new Cover(parentElement, data));
  return () => covers.delete(parentElement);
}

const sum = (c, x) => c.reduceRight((found, each) => found * x + each, 0);

// The points of gradient descent from x: it ends early where they leave the world.
export function descend(c, x, rate, steps) {
  const slope = c.slice(1).map((each, i) => each * (i + 1));
  const found = [x];
  while (found.length <= steps && Math.abs(found.at(-1)) < FAR) found.push(found.at(-1) - rate * sum(slope, found.at(-1)));
  return found;
}

function svg(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

class Cover {
  constructor(parent, data) {
    Object.assign(this, data);
    const style = Object.assign(document.createElement('style'), { textContent: CSS });
    this.box = Object.assign(document.createElement('div'), { className: data.large ? 'cover large' : 'cover' });
    parent.replaceChildren(style, this.box);
    const xs = Array.from({ length: 161 }, (_, i) => this.lo + (i / 160) * (this.hi - this.lo));
    const heights = xs.map((x) => sum(this.coefficients, x));
    [this.least, this.most] = [Math.min(...heights), Math.max(...heights)];
    this.svg = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'group', 'aria-label': 'A curve with a start to drag' }, this.box);
    svg('polyline', { class: 'curve', points: xs.map((x, i) => this.place(x, heights[i])).join(' ') }, this.svg);
    this.path = svg('polyline', { class: 'path' }, this.svg);
    this.dots = svg('g', {}, this.svg);
    this.handle();
    this.words();
    this.draw();
  }

  px(x) { return EDGE + ((x - this.lo) / (this.hi - this.lo)) * (W - 2 * EDGE); }

  place(x, y) {
    const py = H - EDGE - ((y - this.least) / (this.most - this.least)) * (H - 3 * EDGE);
    return `${this.px(x).toFixed(2)},${Math.max(-H, Math.min(2 * H, py)).toFixed(2)}`;
  }

  handle() {
    const names = { class: 'start', tabindex: 0, role: 'slider', 'aria-label': 'start', 'aria-valuemin': this.lo, 'aria-valuemax': this.hi };
    this.grip = svg('g', names, this.svg);
    svg('circle', { class: 'reach', r: 34 }, this.grip);
    svg('circle', { class: 'mark', r: 9 }, this.grip);
    svg('text', { y: -18, 'text-anchor': 'middle' }, this.grip).textContent = 'drag me';
    this.grip.addEventListener('pointerdown', (event) => { this.grip.setPointerCapture(event.pointerId); event.preventDefault(); this.grip.focus(); });
    this.grip.addEventListener('pointermove', (event) => {
      if (!this.grip.hasPointerCapture(event.pointerId)) return;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      this.move(this.lo + ((at.x - EDGE) / (W - 2 * EDGE)) * (this.hi - this.lo));
    });
    this.grip.addEventListener('keydown', (event) => {
      const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      this.move(this.start + way * 0.05);
    });
  }

  move(x) {
    this.start = Number(Math.max(this.lo, Math.min(this.hi, x)).toFixed(3));
    this.draw();
  }

  words() {
    const line = document.createElement('label');
    line.append('learning rate η');
    const [min, max] = this.rates;
    this.dial = Object.assign(document.createElement('input'), { type: 'range', min, max, step: 0.005, value: this.rate });
    this.shown = document.createElement('output');
    this.dial.addEventListener('input', () => { this.rate = Number(this.dial.value); this.draw(); });
    line.append(this.dial, this.shown);
    this.said = document.createElement('p');
    this.more = Object.assign(document.createElement('a'), { textContent: 'See it step by step' });
    this.box.append(line, this.said);
  }

  draw() {
    const xs = descend(this.coefficients, this.start, this.rate, this.steps);
    const points = xs.map((x) => this.place(Math.max(2 * this.lo, Math.min(2 * this.hi, x)), sum(this.coefficients, x)));
    this.path.setAttribute('points', points.join(' '));
    this.dots.replaceChildren();
    points.forEach((point, i) => {
      const [cx, cy] = point.split(',');
      const last = i === xs.length - 1;
      svg('circle', { class: last ? 'end' : 'step', cx, cy, r: last ? 7 : 3.5 }, this.dots);
    });
    this.grip.setAttribute('transform', `translate(${points[0].replace(',', ' ')})`);
    this.grip.setAttribute('aria-valuenow', this.start);
    this.shown.textContent = number(this.rate);
    const [n, end] = [xs.length - 1, xs.at(-1)];
    const told = Math.abs(end) < FAR ? `After ${n} steps: x = ${number(end)}, f(x) = ${number(sum(this.coefficients, end))}. `
      : `Thrown out: after ${n} steps |x| is beyond a million. `;
    const asked = new URLSearchParams({ ...this.asked, [this.names.start]: this.start, [this.names.rate]: this.rate });
    this.more.href = new URL(`${this.page}?${asked}`, document.baseURI).href;
    this.said.replaceChildren(told, this.more);
  }
}
