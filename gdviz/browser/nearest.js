// Which handle is under the hand.

import { within } from './guess.js';
import { placeOf } from './handle_marks.js';

const GRAB = { mouse: 16, touch: 24 }; // pixels around a handle that take hold of it: a finger covers 44

export function nearest(S, event) {
  const box = S.gd.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  const reach = (GRAB[event.pointerType] ?? GRAB.mouse) * S.style.scale;
  return closest(S, within(S).filter((handle) => handle.drawn), px, py, reach);
}

// The handle closest to a place in pixels, within reach.
export function closest(S, handles, px, py, reach = Infinity) {
  let best = { distance: reach };
  for (const handle of handles) {
    const place = placeOf(S, handle);
    const distance = place ? Math.hypot(place.x - px, place.y - py) : Infinity;
    if (distance <= best.distance) best = { distance, handle };
  }
  return best.handle;
}
