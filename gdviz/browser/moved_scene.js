// A recorded scene whose paths are walked anew, from another start or with other knobs.
//
// E  { code, told, recorded, start, methods }: what gdviz/figures/explorer.py writes, the scene, where it starts, and each
//    method with its rule and its knobs, or null if it does not move

import { movedLayer } from './moved_layers.js';
import { walkDown } from './walk_down.js';

export const walks = ({ code, told, start, methods }) => methods.map((method) => method && walkDown(code.problem, method, start, told.around));

// Each layer for these paths, null where only Python can draw it.
export function layersOf(paths, { told, recorded, methods }) {
  const before = recorded.layers.length - told.owners.length; // ghosts of pinned runs come first
  return recorded.layers.map((layer, i) => {
    const owner = told.owners[i - before] ?? -1;
    return paths[owner] ? movedLayer(layer, paths[owner], told, methods[owner]) : layer;
  });
}

const layerRows = (layer) => Math.max(...Object.values(layer).map((value) => value?.rows ?? (value === layer.texts ? Object.keys(value ?? {}).length : 0)));

// The scene with other layers, its handle at the start.
export function sceneOf(layers, { code, recorded, start }) {
  const steps = Math.max(...layers.filter(({ kind }) => kind !== 'ghost').map(layerRows)) - 1;
  const height = start[1] ?? code.problem.value(...start);
  const handles = recorded.handles.map((handle) => ({ ...handle, x: start[0], y: Number.isFinite(height) ? height : 0 }));
  return { ...recorded, layers, steps, handles };
}
