// A page that moves without a server: a hand drags the start or turns a knob, and the paths are walked anew in the file.
//
//   code  { problem: { value, gradient }, rules: [function or null for each method] }, written by gdviz/optimize/javascript.py
//   told  plain data: start, box, knobs and the rest, see gdviz/figures/explorer.py
//
// What cannot be walked here, and every verdict, is of the recorded run: the legend and the words below say so.

import { place, shown, valueAt } from './dial_scale.js';
import { EXPLORE_CSS } from './explore_style.js';
import { adopt, answer } from './grip.js';
import { layersOf, sceneOf, walks } from './moved_scene.js';
import { number } from './numerals.js';

const JUDGED = 'not judged offline';

const element = (tag, more = {}, ...inside) => {
  const node = Object.assign(document.createElement(tag), more);
  node.append(...inside);
  return node;
};

// The scene for the start and the knobs as they are now.
function movedScene(E) {
  const paths = walks(E);
  const chips = E.recorded.chips.map((chip, i) => ({ ...chip, ...wordsOf(paths[i]) }));
  return { ...sceneOf(layersOf(paths, E).filter(Boolean), E), chips, alt: `Moved by hand; how it ends is ${JUDGED}.` };
}

function wordsOf(path) {
  if (!path) return { verdict: 'as recorded', reason: 'This method is no rule of gradients alone, and does not move without a server.' };
  const steps = path.length - 1;
  return { verdict: JUDGED, reason: `f = ${number(path.at(-1).f)} after ${steps} step${steps === 1 ? '' : 's'}; the app says what that is.` };
}

// What is said before anything has moved, and after.
function sentences(E) {
  const { recorded, methods, told } = E;
  const still = recorded.chips.filter((_, i) => !methods[i]).map(({ name }) => name).join(', ');
  const gone = layersOf(walks(E), E).flatMap((layer, i) => (layer ? [] : recorded.layers[i].name));
  const after = [
    `Moved by hand: the paths are computed in this file, how they end is ${JUDGED}.`,
    still && `As recorded, from ${told.start.map((x) => number(x)).join(', ')}: ${still}.`,
    gone.length && `Not drawn for moved paths: ${[...new Set(gone)].join(', ')}.`,
  ];
  const stays = `The ${told.start.length === 1 ? 'function' : 'surface'}, the steps and the stopping rule stay as they are.`;
  return [`Drag the start, or turn a knob: the paths follow, without a server. ${stays}`, after.filter(Boolean).join(' ')];
}

// One knob: a slider on the scale of the app's dial, or a box to tick.
function dialOf(E, title, dial, moved) {
  const { label, help, value } = dial;
  const set = (v) => {
    for (const j of dial.methods) E.methods[j].knobs[dial.knob] = v;
    moved();
  };
  if (dial.switch) {
    const box = element('input', { type: 'checkbox', checked: value, ariaLabel: `${title}: ${label}` });
    box.addEventListener('input', () => set(box.checked));
    return { node: element('label', { title: help }, box, ` ${label}`), reset: () => { box.checked = value; } };
  }
  const range = element('input', { type: 'range', min: 0, max: 1, step: 'any', title: help, ariaLabel: `${title}: ${label}` });
  range.setAttribute('role', 'slider'); // its arrows are its own, and not the stage's
  const told = element('output');
  const tell = (v) => {
    told.textContent = range.ariaValueText = shown(v);
  };
  const reset = () => {
    range.value = place(value, dial);
    tell(value);
  };
  range.addEventListener('input', () => {
    const v = valueAt(Number(range.value), dial);
    tell(v);
    set(v);
  });
  reset();
  return { node: element('label', { title: help }, element('span', {}, label, told), range), reset };
}

function panelOf(E, moved, reset) {
  // Both sentences have their room from the start: the knobs must not move away under the hand.
  const said = element('p', { role: 'status' }, ...sentences(E).map((textContent) => element('span', { textContent })));
  const back = element('button', { type: 'button', textContent: 'Back to the recorded run' });
  back.addEventListener('click', reset);
  E.dials = [];
  const groups = E.told.groups.map(({ title, dials }, i) => {
    const made = dials.map((dial) => dialOf(E, title, dial, moved));
    E.dials.push(...made);
    const box = element('div', { className: 'gd-knobs' }, ...made.map(({ node }) => node));
    return element('details', { open: i === 0 }, element('summary', { textContent: title }), box);
  });
  const style = element('style', { textContent: EXPLORE_CSS });
  return element('section', { className: 'gd-explore', ariaLabel: 'Explore' }, style, said, back, ...groups);
}

// Make a stage that shows a recorded run movable.
export function explore(S, code, told) {
  const fresh = () => told.methods.map((method, j) => method && { ...method, rule: code.rules[j], knobs: { ...method.knobs } });
  const E = { code, told, recorded: S.scene, start: told.start, methods: fresh() };
  const draw = (scene) => {
    adopt(S, scene);
    E.panel.classList.toggle('gd-moved', scene !== E.recorded);
  };
  // The grip asks here, in the frame of the move, where the app would ask its server; a hand that gives up holds nothing.
  S.follow = (held, down) => {
    const start = held ? [held.point.x, held.point.y].slice(0, told.start.length) : E.start;
    draw(held ? movedScene({ ...E, start }) : S.told);
    if (down || !held) return;
    E.start = start;
    S.told = S.scene;
    answer(S);
  };
  const turned = () => draw((S.told = movedScene(E)));
  const reset = () => {
    Object.assign(E, { start: told.start, methods: fresh() });
    for (const dial of E.dials) dial.reset();
    draw((S.told = E.recorded));
  };
  E.panel = panelOf(E, turned, reset);
  S.root.after(E.panel);
}
