// While a hand drags over a slow line the browser walks the paths itself. What only Python can draw, and the verdicts, are
// those of its last answer; its word stands as soon as the hand lets go.
//
// A route of the app serves the code and what it is told of the settings that the hand took hold of: see grip.js.

import { layersOf, sceneOf, walks } from './moved_scene.js';

// Return how a scene is drawn for a `wish`, settings by name: null for one that is not of this engine.
export function walkerOf(code, told) {
  const dials = told.groups.flatMap((group) => group.dials);
  return (recorded, wish) => {
    const start = told.settings.map((name, i) => wish[name] ?? told.start[i]);
    const methods = told.methods.map((method, j) => method && { ...method, rule: code.rules[j], knobs: { ...method.knobs } });
    for (const [name, value] of Object.entries(wish)) {
      const dial = dials.find(({ setting }) => setting === name);
      if (!dial && !told.settings.includes(name)) return null;
      for (const j of dial?.methods ?? []) methods[j].knobs[dial.knob] = value;
    }
    const names = recorded.layers.slice(-told.names.length).map(({ name }) => name);
    if (told.names.some((name, i) => name !== names[i])) return null;
    const E = { code, told, recorded, start, methods };
    return sceneOf(layersOf(walks(E), E).map((layer, i) => layer ?? recorded.layers[i]), E);
  };
}
