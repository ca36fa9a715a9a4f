// The buttons of a drawing, such as those that add a unit to a network: for a finger they stand in a row under the stage,
// each as wide as it, for in the drawing they would lie on one another.

import { within } from './guess.js';
import { isNarrow } from './narrow.js';

const isTool = ({ tool, fixed }) => tool && fixed;

const FINGER = matchMedia('(pointer: coarse)');
const needsRow = (S) => FINGER.matches || isNarrow(S.gd.clientWidth);

// What a hand or a key can click in the drawing; the same list while nothing changes.
export function clickable(S) {
  const all = within(S);
  if (!needsRow(S) || !all.some(isTool)) return all;
  if (S.untooled?.of !== all) S.untooled = { of: all, rest: all.filter((handle) => !isTool(handle)) };
  return S.untooled.rest;
}

// A scene as it is drawn on a stage.
export function withoutTools(S, scene) {
  return needsRow(S) ? { ...scene, layers: scene.layers.filter(({ tool }) => !tool) } : scene;
}

// Write the row anew where its buttons are others now; `press` is told the handle of one.
export function drawTools(S, press) {
  const tools = needsRow(S) ? within(S).filter(isTool) : [];
  const names = tools.map(({ id }) => id).join();
  if (S.toolNames === names) return;
  S.toolNames = names;
  S.tools.replaceChildren(...tools.map(({ id, label, spoken }) => {
    const node = Object.assign(document.createElement('button'), { type: 'button', textContent: label, ariaLabel: spoken, title: spoken });
    node.addEventListener('click', () => press(S.scene.handles.find((handle) => handle.id === id)));
    return node;
  }));
}
