// The handles of a stage by keys: over each stands an element that takes the focus, has a name and says its value.
//
// Those that are drawn are one stop of the Tab key, those that are buttons are another: Enter goes from handle to handle,
// an arrow from button to button. A place for clicks is a stop of its own.

import { panel } from './drawing.js';
import { within } from './guess.js';
import { drag, inHand, placed, release, take } from './grip.js';
import { placeOf, valueOf } from './handle_marks.js';
import { clickable } from './tools.js';

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 5; // pixels of an arrow, about
const LARGE_STEP = 10; // times as far with Shift
const DECIMAL = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4, useGrouping: false }); // a value of ARIA has no e
const LOW = 160; // pixels: below a picture that is not higher stand the words for keys
const HELP = {
  drawn: 'Arrow keys move it, with Shift farther. Enter goes to the next. Delete takes it away, where it can be taken.',
  fixed: 'Enter presses it. Arrow keys go to the next.',
  free: 'Arrow keys move the place, Enter clicks there, Delete takes away what is nearest.',
};
const kindOf = (handle) => (handle.fixed ? 'fixed' : handle.drawn ? 'drawn' : 'free');
const same = (a, b) => a && b && a.x === b.x && a.y === b.y;

// The coordinate that is so many pixels away, by a step of one digit.
function oneDigitAway(from, towards) {
  const step = Number(Math.abs(towards - from).toPrecision(1));
  return towards > from ? from + step : from - step;
}

export class HandleKeys {
  constructor(S) {
    this.S = S;
    this.nodes = new Map();
    this.chosen = {}; // the handle of each kind that the Tab key comes to
    this.box = Object.assign(document.createElement('div'), { className: 'gd-keys' });
    S.gd.append(this.box);
    const up = () => { if (this.down) this.letGo(); };
    this.box.addEventListener('keydown', (event) => this.onKey(event));
    this.box.addEventListener('keyup', up);
    this.box.addEventListener('focusout', () => { up(); S.tip.hidden = true; });
    this.box.addEventListener('focusin', ({ target }) => this.reached(target));
  }

  // Put an element over each handle, in the order of the scene.
  place() {
    const { S } = this;
    const handles = clickable(S);
    if (this.drawnFor !== handles) this.renew(handles);
    else if (S.playing) return; // only tracks move then
    for (const handle of handles) {
      const now = S.held?.id === handle.id ? { ...handle, ...S.held.point } : handle.drawn ? handle : this.cursor(handle);
      const at = placeOf(S, now);
      const node = this.nodes.get(handle.id);
      node.hidden = !at;
      if (!at) continue;
      node.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
      if (handle.fixed) continue;
      const view = panel(S.gd, handle.panel);
      const along = handle.axes === 'y' ? [view.y(view.top + view.height), view.y(view.top), now.y] : [view.x(view.left), view.x(view.left + view.width), now.x];
      const [min, max, value] = along.map((v) => DECIMAL.format(v));
      for (const [name, said] of Object.entries({ valuemin: min, valuemax: max, valuenow: value, valuetext: valueOf(now) })) {
        if (node.getAttribute(`aria-${name}`) !== said) node.setAttribute(`aria-${name}`, said);
      }
    }
  }

  renew(handles) {
    this.drawnFor = handles;
    const known = this.nodes;
    this.nodes = new Map();
    for (const handle of handles) {
      const node = known.get(handle.id) ?? document.createElement('div');
      if (!same(node.base, handle)) node.base = undefined;
      known.delete(handle.id);
      const kind = kindOf(handle);
      const names = { role: handle.fixed ? 'button' : 'slider', 'aria-label': handle.spoken || handle.label || handle.id, 'aria-description': HELP[kind] };
      for (const [name, said] of Object.entries(names)) node.setAttribute(name, said);
      Object.assign(node.dataset, { id: handle.id, kind });
      this.nodes.set(handle.id, node);
      if (node.parentElement !== this.box) this.box.append(node);
    }
    const lost = [...known.values()].some((node) => node === this.focused());
    for (const node of known.values()) node.remove();
    this.tabStops();
    if (lost) this.box.querySelector('[tabindex="0"]')?.focus();
  }

  // What has the focus is what the Tab key comes back to; who came by keys sees what they do.
  reached(node) {
    const { tip, gd } = this.S;
    this.chosen[node.dataset.kind] = node.dataset.id;
    this.tabStops();
    if (!node.matches(':focus-visible')) return;
    tip.textContent = `${node.ariaLabel}: ${HELP[node.dataset.kind]}`;
    tip.hidden = false;
    tip.style.left = `${Math.max(0, (gd.clientWidth - tip.offsetWidth) / 2)}px`;
    tip.style.top = `${gd.clientHeight > LOW ? 0 : gd.clientHeight}px`;
  }

  focused = () => this.box.getRootNode().activeElement;

  tabStops() {
    const first = {};
    for (const [id, { dataset }] of this.nodes) first[dataset.kind] ??= id;
    for (const [id, node] of this.nodes) {
      const { kind } = node.dataset;
      const stop = this.nodes.get(this.chosen[kind])?.dataset.kind === kind ? this.chosen[kind] : first[kind];
      node.tabIndex = kind === 'free' || id === stop ? 0 : -1;
    }
  }

  // Where keys have taken a handle that Python has put back, or that is only a place for clicks.
  cursor(handle) {
    const { at, base } = this.nodes.get(handle.id);
    return same(base, handle) && !handle.fixed ? { ...handle, ...at } : handle;
  }

  onKey(event) {
    const { S } = this;
    const node = event.target;
    const handle = within(S).find(({ id }) => id === node.dataset.id);
    if (!handle || event.ctrlKey || event.altKey || event.metaKey) return;
    const { kind } = node.dataset;
    const way = WAYS[event.key];
    const enters = event.key === 'Enter' || (event.key === ' ' && kind !== 'drawn');
    const leaves = (event.key === 'Delete' || event.key === 'Backspace') && kind !== 'fixed';
    if (event.key === 'Escape') return void (this.down = node.base = undefined); // the stage gives up what it holds
    if (way && kind === 'fixed') this.go(node, way[0] - way[1]);
    else if (way) this.move(handle, node, way, event.shiftKey ? LARGE_STEP : 1);
    else if (enters && kind === 'drawn') this.go(node, event.shiftKey ? -1 : 1);
    else if (enters || leaves) this.click(handle, leaves);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  go(node, by) {
    const alike = [...this.nodes.values()].filter(({ dataset, hidden }) => dataset.kind === node.dataset.kind && !hidden);
    alike.at((alike.indexOf(node) + by) % alike.length).focus();
  }

  move(handle, node, [right, up], far) {
    const { S } = this;
    const from = this.down && inHand(S) ? { ...handle, ...S.held.point } : this.cursor(handle);
    const view = panel(S.gd, handle.panel);
    const [px, py] = [view.px(from.x), view.py(from.y)];
    const x = right ? oneDigitAway(from.x, view.x(px + right * far * STEP)) : from.x;
    const y = up ? oneDigitAway(from.y, view.y(py - up * far * STEP)) : from.y;
    const point = placed(S, handle, view.px(x), view.py(y));
    Object.assign(node, { at: point, base: { x: handle.x, y: handle.y } });
    if (!handle.drawn) this.place();
    else if (inHand(S)) drag(S, point);
    else take(S, handle, point, false);
    this.down = handle.drawn;
  }

  letGo() {
    this.down = undefined;
    if (inHand(this.S)) release(this.S);
  }

  click(handle, leaves) {
    const { x, y } = this.cursor(handle);
    take(this.S, handle, { x, y }, leaves);
    release(this.S);
  }
}
