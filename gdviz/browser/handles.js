// The hand: handles that are dragged, clicks, and hovering.

import { panel } from './drawing.js';
import { listenToFingers } from './fingers.js';
import { cancel, drag, inHand, placed, release, take } from './grip.js';
import { HandleKeys } from './handle_keys.js';
import { fill, hover } from './hover.js';
import { nearest, closest } from './nearest.js';
import { clickable } from './tools.js';
import { unzoom } from './zoom.js';

const TWICE = 300; // ms between the two clicks of a double click

function pointAt(S, handle, event) {
  const box = S.gd.getBoundingClientRect();
  return placed(S, handle, event.clientX - box.left, event.clientY - box.top);
}

export function listen(S) {
  const { gd } = S;
  S.keys = new HandleKeys(S);
  listenToFingers(gd, S.Plotly, () => inHand(S));
  gd.addEventListener('pointerdown', (event) => pressed(S, event), true);
  gd.addEventListener('pointermove', (event) => {
    if (inHand(S)) {
      event.stopPropagation();
      drag(S, pointAt(S, S.held.handle, event));
    } else if (event.pointerType !== 'touch') hover(S, event);
  }, true);
  // On the document, for at a press Plotly covers the whole page with a slip that takes the release.
  S.onUp = (event) => lifted(S, event);
  document.addEventListener('pointerup', S.onUp, true);
  gd.addEventListener('pointercancel', () => {
    S.press = undefined;
    cancel(S);
  });
  gd.addEventListener('pointerleave', (event) => {
    if (!staysTold(S, event)) S.tip.hidden = true;
    fill(S, -1, -1);
  });
  // Where a handle lies under a button of the tool bar, the handle was meant.
  gd.addEventListener('click', (event) => { if (S.press?.handle && event.detail) event.stopPropagation(); }, true);
}

// What a map or a narrow box says to a finger stays when the finger is gone, until the next one comes.
const staysTold = (S, event) => event.pointerType === 'touch' && S.tip.stays;

function pressed(S, event) {
  if (!event.isPrimary) { // a second finger: no tap, and no hand on a handle
    if (!inHand(S)) S.press = undefined;
    return;
  }
  S.press = undefined;
  if (event.button !== 0) return;
  const handle = nearest(S, event);
  if (!handle && event.target.closest?.('.modebar')) return;
  S.press = { x: event.clientX, y: event.clientY, handle };
  if (event.pointerType === 'touch') hover(S, event);
  if (!handle) return;
  // Plotly starts its own drag from the compatibility mouse event, which this suppresses.
  event.preventDefault();
  event.stopPropagation();
  S.gd.setPointerCapture(event.pointerId);
  S.gd.style.cursor = 'grabbing';
  take(S, handle, pointAt(S, handle, event), event.shiftKey);
}

function lifted(S, event) {
  if (!event.isPrimary) return;
  if (inHand(S)) {
    release(S, pointAt(S, S.held.handle, event));
    return;
  }
  const handle = S.press && !S.press.handle && clicked(S, event);
  if (!S.press?.handle) S.press = undefined;
  if (!handle) return;
  const put = () => {
    take(S, handle, pointAt(S, handle, event), event.shiftKey);
    release(S);
    if (staysTold(S, event)) hover(S, event);
  };
  // The second click of two resets the picture that was zoomed; the first has not moved anything yet.
  clearTimeout(S.firstClick);
  if (!S.zoomed) put();
  else if (event.timeStamp - (S.clickedAt ?? -TWICE) > TWICE) S.firstClick = setTimeout(put, TWICE);
  else unzoom(S);
  S.clickedAt = event.timeStamp;
}

// A click (no drag) inside the panel of a handle moves that handle there; where some handles are made for clicks, one of them.
function clicked(S, event) {
  if (Math.hypot(event.clientX - S.press.x, event.clientY - S.press.y) > (event.pointerType === 'touch' ? 10 : 4)) return null;
  const box = S.gd.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  const here = clickable(S).filter((handle) => panel(S.gd, handle.panel).holds(px, py));
  const forClicks = here.filter((handle) => !handle.drawn);
  return closest(S, forClicks.length ? forClicks : here, px, py);
}
