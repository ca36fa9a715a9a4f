// What leaves the browser: the stage as SVG or PNG, drawn by the same strokes as on the screen.

import { draw } from './drawing.js';
import { seen } from './guess.js';
import { drawHandle } from './handle_marks.js';
import { drawLegend } from './legend.js';
import { lineAt, stampPng, stampSvg } from './stamp.js';

// A pen with the strokes of a canvas context that writes elements instead.
export class SvgPen {
  constructor(prefix) {
    Object.assign(this, { parts: [], stack: [], d: '', clips: 0, prefix, dash: [] });
    Object.assign(this, { globalAlpha: 1, lineWidth: 1, strokeStyle: '#000', fillStyle: '#000', font: '12px sans-serif', textAlign: 'start', textBaseline: 'alphabetic', clipId: '' });
  }
  static kept = ['globalAlpha', 'lineWidth', 'strokeStyle', 'fillStyle', 'font', 'textAlign', 'textBaseline', 'clipId', 'dash'];
  save() { this.stack.push(SvgPen.kept.map((name) => this[name])); }
  restore() { this.stack.pop().forEach((value, i) => { this[SvgPen.kept[i]] = value; }); }
  setLineDash(dash) { this.dash = dash; }
  beginPath() { this.d = ''; }
  moveTo(x, y) { this.d += `M${n2(x)} ${n2(y)}`; }
  lineTo(x, y) { this.d += `L${n2(x)} ${n2(y)}`; }
  closePath() { this.d += 'Z'; }
  rect(x, y, w, h) { this.d += `M${n2(x)} ${n2(y)}h${n2(w)}v${n2(h)}h${n2(-w)}Z`; }
  arc(x, y, r) { this.d += `M${n2(x - r)} ${n2(y)}a${n2(r)} ${n2(r)} 0 1 0 ${n2(2 * r)} 0a${n2(r)} ${n2(r)} 0 1 0 ${n2(-2 * r)} 0Z`; }
  clip() {
    this.clipId = `${this.prefix}clip${this.clips++}`;
    this.parts.push(`<clipPath id="${this.clipId}"><path d="${this.d}"/></clipPath>`);
  }
  attributes() { return `opacity="${n2(this.globalAlpha)}"${this.clipId ? ` clip-path="url(#${this.clipId})"` : ''}`; }
  stroke() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(' ')}"` : '';
    this.parts.push(`<path d="${this.d}" fill="none" stroke="${escape(this.strokeStyle)}" stroke-width="${n2(this.lineWidth)}" stroke-linejoin="round"${dash} ${this.attributes()}/>`);
  }
  fill() { this.parts.push(`<path d="${this.d}" fill="${escape(this.fillStyle)}" ${this.attributes()}/>`); }
  drawImage(canvas, x, y, w, h) {
    this.parts.push(`<image x="${n2(x)}" y="${n2(y)}" width="${n2(w)}" height="${n2(h)}" preserveAspectRatio="none" href="${canvas.toDataURL()}" ${this.attributes()}/>`);
  }
  fillText(text, x, y) {
    const [size, family] = this.font.split(/px (.*)/);
    this.parts.push(`<text x="${n2(x)}" y="${n2(y)}" font-size="${size}" font-family="${escape(family)}" text-anchor="${{ left: 'start', right: 'end' }[this.textAlign] ?? 'middle'}"${this.textBaseline === 'middle' ? ' dominant-baseline="central"' : ''} fill="${escape(this.fillStyle)}" ${this.attributes()}>${escape(text)}</text>`);
  }
}

const n2 = (v) => Math.round(v * 100) / 100;
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

// The stage as it stands, data and starts included, buttons left out, under its legend and in its fonts.
async function toSvg(S) {
  const { Plotly, gd, style } = S;
  const scene = seen(S);
  const { clientWidth: width, clientHeight: height } = gd;
  const url = await Plotly.toImage(gd, { format: 'svg', width, height });
  const svg = decodeURIComponent(url.slice(url.indexOf(',') + 1));
  const pen = new SvgPen('stage');
  draw(pen, gd, { ...scene, layers: scene.layers.filter((layer) => !layer.tool) }, S.k, style);
  S.ask?.crowd?.(pen, true);
  const marks = scene.handles.filter((handle) => !handle.tool);
  for (const handle of marks) drawHandle(pen, S, handle);
  const entries = scene.chips.map((chip) => [[chip.sample, chip.name, chip.verdict].filter(Boolean).join(' '), chip.color]);
  const above = entries.length ? Math.ceil(drawLegend(null, entries, style, width, 2.4 * style.font)) : 0;
  pen.globalAlpha = 1;
  drawLegend(pen, entries, style, width, 1.2 * style.font - above);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="main-svg" width="${width}" height="${height + above}" viewBox="0 ${-above} ${width} ${height + above}">`;
  const paper = `<rect y="${-above}" width="100%" height="100%" fill="${escape(style.paper)}"/>`;
  const faces = `<style>${await facesOf(style.family)}</style>`;
  return svg.replace(/<svg [^>]*>/, () => open + faces + paper)
    .replace(/<\/svg>\s*$/, () => `<g>${pen.parts.join('')}</g></svg>`);
}

const asUrl = (blob) => new Promise((done) => {
  const reader = Object.assign(new FileReader(), { onload: () => done(reader.result) });
  reader.readAsDataURL(blob);
});

// The page's fonts of a family as CSS: a file, or an image made of it, sees no fonts but its own.
async function facesOf(family) {
  const rules = [...document.styleSheets].flatMap((sheet) => { try { return [...sheet.cssRules]; } catch { return []; } });
  const ours = rules.filter(({ style, type }) => type === CSSRule.FONT_FACE_RULE && style.fontStyle !== 'italic' && family.includes(style.getPropertyValue('font-family').replace(/["']/g, '')));
  const made = await Promise.all(ours.map(async ({ style, parentStyleSheet }) => {
    const [, file] = style.getPropertyValue('src').match(/url\("?([^")]+)/) ?? [];
    const answer = file && await fetch(new URL(file, parentStyleSheet.href ?? document.baseURI)).catch(() => null);
    const data = answer?.ok && await asUrl(await answer.blob());
    return data ? `@font-face{font-family:${style.getPropertyValue('font-family')};font-weight:${style.getPropertyValue('font-weight') || 400};src:url(${data})}` : '';
  }));
  return made.join('');
}

async function toPng(S, scale = 3) {
  const image = new Image();
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(await toSvg(S));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = scale * image.naturalWidth;
  canvas.height = scale * image.naturalHeight;
  const g = canvas.getContext('2d');
  g.fillStyle = S.style.paper;
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

// Save the stage under a name; the file carries the stamp, which says how it was made.
export async function download(S, { format, name, stamp }) {
  const line = lineAt(stamp ?? '', Math.round(S.k), S.scene.steps);
  const blob = format === 'png' ? await stampPng(await toPng(S), line) : new Blob([stampSvg(await toSvg(S), line)], { type: 'image/svg+xml' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
