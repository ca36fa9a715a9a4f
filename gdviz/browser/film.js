// A film: the stage drawn frame by frame into one canvas, for videos and animated pictures.
//
// The background is drawn by Plotly once, each frame by the strokes of the screen; above stand the title and the
// legend, below the number of the step. Python asks for the frames one by one and joins them.

import { draw } from './drawing.js';
import { drawLegend } from './legend.js';
import { unpack } from './messages.js';
import { themed } from './stage.js';

const INK = '#1b1f24', PAPER = '#ffffff';

// Prepare a film of `width` x `height` pixels; `scale` is the size of type and lines against the page's,
// `legend` its [words, color], `family` the fonts of the type.
export async function openFilm(Plotly, { background, scene, width, height, scale, title, legend, family }) {
  const bytes = Uint8Array.from(atob(scene), (c) => c.charCodeAt(0));
  const style = { ink: INK, paper: PAPER, family, scale, width: 2.2 * scale, font: 13 * scale };
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const F = { scene: unpack(bytes), style, canvas, width, height, title, legend, g: canvas.getContext('2d') };
  F.top = heading(F, false);
  F.bottom = 2 * style.font;
  const room = { width, height: height - F.top - F.bottom };
  F.gd = document.createElement('div');
  Object.assign(F.gd.style, { width: `${room.width}px`, height: `${room.height}px` });
  document.body.replaceChildren(F.gd);
  const { data, layout } = background.figure;
  const margin = Object.fromEntries(Object.entries(layout.margin ?? {}).map(([side, size]) => [side, size * scale]));
  await Plotly.newPlot(F.gd, data, { ...themed(layout, style), margin, ...room }, { staticPlot: true });
  F.paper = new Image();
  F.paper.src = await Plotly.toImage(F.gd, { format: 'png', ...room });
  await F.paper.decode();
  return F;
}

// Step k of a film as a data URL; a step between two whole ones glides.
export function frameOf(F, k, type) {
  const { g, scene, style } = F;
  g.fillStyle = PAPER;
  g.fillRect(0, 0, F.width, F.height);
  g.save();
  g.translate(0, F.top);
  g.drawImage(F.paper, 0, 0);
  draw(g, F.gd, scene, k, style);
  g.restore();
  heading(F, true);
  g.fillStyle = INK;
  g.textAlign = 'right';
  g.fillText(`step ${Math.floor(k)} / ${scene.steps}`, F.width - style.font, F.height - style.font);
  return F.canvas.toDataURL(type, 0.95);
}

// Draw the title and the legend, or only measure them; return their height. A long legend takes several rows.
function heading(F, drawn) {
  const { g, style, legend, width } = F;
  const em = style.font;
  g.textAlign = 'left';
  g.textBaseline = 'middle';
  g.font = `bold ${1.15 * em}px ${style.family}`;
  g.fillStyle = INK;
  if (drawn && F.title) g.fillText(F.title, em, 1.2 * em);
  const y = drawLegend(drawn ? g : null, legend, style, width, F.title ? 3 * em : 1.2 * em);
  g.font = `${em}px ${style.family}`; // also of the number of the step
  return y + (legend.length ? 1.2 * em : F.title ? -0.6 * em : -em);
}
