// Colours of values: evenly spaced stops, where "paper" is the page's own ground.

import { row } from './messages.js';

export const SHADES = 254; // 255 in a picture says that there is no value
export const shadeOf = (value, { lo, hi }) => Math.round(SHADES * Math.max(0, Math.min(1, (value - lo) / (hi - lo))));
export const css = ([r, g, b]) => `rgb(${r},${g},${b})`;

export function shades(layer, style) {
  const stops = Object.values(layer.colors).map((color) => rgb(color === 'paper' ? style.paper : color));
  const key = stops.join();
  if (layer.shadesFor === key) return layer.shades;
  layer.shadesFor = key;
  layer.shades = Array.from({ length: SHADES + 1 }, (_, i) => {
    const at = (i / SHADES) * (stops.length - 1);
    const j = Math.min(Math.floor(at), stops.length - 2);
    return stops[j].map((v, c) => Math.round(v + (at - j) * (stops[j + 1][c] - v)));
  });
  return layer.shades;
}

// The red, green and blue of a CSS colour, as the browser reads it.
export function rgb(color) {
  const g = document.createElement('canvas').getContext('2d');
  g.fillStyle = color;
  const hex = g.fillStyle;
  return hex.startsWith('#') ? [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) : hex.match(/[\d.]+/g).slice(0, 3).map(Number);
}

// A picture layer at step k on a canvas of its own, one pixel a value, the first row below; the last few are kept.
export function painted(layer, k, style) {
  const table = shades(layer, style);
  const at = Math.min(k, layer.pixels.rows - 1);
  if (layer.paintedFor !== layer.shadesFor) [layer.painted, layer.paintedFor] = [new Map(), layer.shadesFor];
  if (layer.painted.has(at)) return layer.painted.get(at);
  const values = row(layer.pixels, at);
  const [w, h] = [layer.columns, values.length / layer.columns];
  const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
  const image = new ImageData(w, h);
  values.forEach((value, i) => {
    const to = 4 * ((h - 1 - Math.floor(i / w)) * w + (i % w));
    image.data.set(value > SHADES ? [0, 0, 0, 0] : [...table[value], 255], to);
  });
  canvas.getContext('2d').putImageData(image, 0, 0);
  if (layer.painted.size > 40) layer.painted.clear();
  layer.painted.set(at, canvas);
  return canvas;
}
