// A film: the stage drawn frame by frame into one canvas, for videos and animated pictures.
//
// The background is drawn by Plotly once, each frame by the strokes of the screen; above stand the title and the
// legend, below the number of the step. Python asks for the frames one by one and joins them.

import { draw } from './drawing.js';
import { drawLegend } from './legend.js';
import { unpack } from './messages.js';
import { isNarrow, narrowed } from './narrow.js';
import { themed } from './stage.js';

const INK = '#1b1f24', PAPER = '#ffffff';

// Prepare a film of `across` x `down` pixels; `scale` is the size of type and lines against the page's,
// `legend` its [words, color], `family` the fonts of the type. It is the stage of a page, narrow or wide, enlarged.
export async function openFilm(Plotly, { background, scene, width: across, height: down, scale, title, legend, family }) {
  const bytes = Uint8Array.from(atob(scene), (c) => c.charCodeAt(0));
  const style = { ink: INK, paper: PAPER, family, scale: 1, width: 2.2, font: 13 };
  const canvas = Object.assign(document.createElement('canvas'), { width: across, height: down });
  const [width, height] = [across / scale, down / scale];
  const F = { scene: unpack(bytes), style, canvas, width, height, title, legend, g: canvas.getContext('2d') };
  F.g.scale(scale, scale);
  F.top = heading(F, false);
  F.bottom = 2 * style.font;
  F.room = { width, height: height - F.top - F.bottom };
  F.gd = document.createElement('div');
  Object.assign(F.gd.style, { width: `${width}px`, height: `${F.room.height}px` });
  document.body.replaceChildren(F.gd);
  const { data, layout: wide } = background.figure;
  const layout = isNarrow(width) ? narrowed(wide, width, style) : wide;
  await Plotly.newPlot(F.gd, data, { ...themed(layout, style), ...F.room }, { staticPlot: true });
  F.paper = new Image();
  F.paper.src = await Plotly.toImage(F.gd, { format: 'png', ...F.room, scale });
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
  g.drawImage(F.paper, 0, 0, F.room.width, F.room.height);
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
