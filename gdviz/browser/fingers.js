// Fingers on a Plotly figure: one scrolls the page, two zoom and pan what is under them, a tap is a click.
//
// Plotly would take every finger for its own. It never sees a touch; what a tap means reaches it by the mouse events
// that browsers send after one.

const NEAREST = 40; // pixels between two fingers, below which a pinch would leap

const middle = ([a, b], box) => ({ x: (a.clientX + b.clientX) / 2 - box.left, y: (a.clientY + b.clientY) / 2 - box.top });
const apart = ([a, b]) => Math.max(NEAREST, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY));
const inside = (axis, at) => at >= axis._offset && at <= axis._offset + axis._length;

// The range of an axis after a pinch: what was under the fingers is under them still.
function pinched(axis, [low, high], from, to, zoom) {
  const share = (at) => {
    const along = (at - axis._offset) / axis._length;
    return axis._id[0] === 'y' ? 1 - along : along;
  };
  const span = (high - low) / zoom;
  const start = low + share(from) * (high - low) - share(to) * span;
  return [axis.l2r(start), axis.l2r(start + span)];
}

// The flat panel under a place, with the ranges that it has now; else the scene in space, with its camera.
function grasp(gd, at) {
  const { _plots: plots, _subplots: names } = gd._fullLayout;
  const flat = Object.values(plots).find(({ xaxis, yaxis }) => inside(xaxis, at.x) && inside(yaxis, at.y));
  if (flat) {
    const axes = [flat.xaxis, flat.yaxis].filter((axis) => !axis.fixedrange);
    return { axes: axes.map((axis) => ({ axis, range: axis.range.map((v) => axis.r2l(v)) })) };
  }
  const [scene] = names.gl3d ?? [];
  return scene ? { scene, camera: gd._fullLayout[scene]._scene.getCamera() } : {};
}

// The eye of a camera after two fingers have moved: it goes round the upright axis, up and down, and nearer.
function turned({ eye, ...camera }, dx, dy, zoom) {
  const flat = Math.hypot(eye.x, eye.y);
  const far = Math.hypot(flat, eye.z) / zoom;
  const around = Math.atan2(eye.y, eye.x) - dx / 150;
  const up = Math.max(-1.5, Math.min(1.5, Math.atan2(eye.z, flat) + dy / 150));
  return { ...camera, eye: { x: far * Math.cos(up) * Math.cos(around), y: far * Math.cos(up) * Math.sin(around), z: far * Math.sin(up) } };
}

function changes({ axes, scene, camera, from, spread }, to, zoom) {
  if (scene) return { [`${scene}.camera`]: turned(camera, to.x - from.x, to.y - from.y, zoom / spread) };
  return Object.fromEntries((axes ?? []).map(({ axis, range }) => {
    const side = axis._id[0];
    return [`${axis._name}.range`, pinched(axis, range, from[side], to[side], zoom / spread)];
  }));
}

// Listen to the fingers on a figure. While `held()` is true a finger has something in hand, and the page stays.
export function listenToFingers(gd, Plotly, held = () => false) {
  let pinch;
  const stay = (event) => {
    event.stopPropagation();
    if (event.cancelable) event.preventDefault();
  };
  const start = (event) => {
    if (event.target.closest?.('.modebar')) return undefined;
    if (held()) return stay(event);
    event.stopPropagation();
    pinch = undefined;
    if (event.targetTouches.length !== 2) return undefined;
    const from = middle(event.targetTouches, gd.getBoundingClientRect());
    pinch = { ...grasp(gd, from), from, spread: apart(event.targetTouches) };
    return stay(event);
  };
  const move = (event) => {
    if (held()) return stay(event);
    if (!pinch || event.targetTouches.length !== 2) return undefined;
    const now = [middle(event.targetTouches, gd.getBoundingClientRect()), apart(event.targetTouches)];
    if (!pinch.next) requestAnimationFrame(() => {
      if (pinch?.next) Plotly.relayout(gd, changes(pinch, ...pinch.next));
      if (pinch) pinch.next = undefined;
    });
    pinch.next = now;
    return stay(event);
  };
  const end = (event) => {
    if (event.targetTouches.length < 2) {
      if (pinch?.next) Plotly.relayout(gd, changes(pinch, ...pinch.next));
      pinch = undefined;
    }
    if (held()) event.stopPropagation();
  };
  gd.style.touchAction = 'pan-x pan-y';
  const heard = { touchstart: start, touchmove: move, touchend: end, touchcancel: end };
  for (const [name, act] of Object.entries(heard)) gd.addEventListener(name, act, { capture: true, passive: false });
}
