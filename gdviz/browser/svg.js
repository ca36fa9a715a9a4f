// What leaves the browser: the stage as SVG or PNG, drawn by the same strokes as on the screen.

import { draw } from './drawing.js';

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
    const size = parseFloat(this.font);
    this.parts.push(`<text x="${n2(x)}" y="${n2(y)}" font-size="${size}" font-family="sans-serif" text-anchor="${{ left: 'start', right: 'end' }[this.textAlign] ?? 'middle'}"${this.textBaseline === 'middle' ? ' dominant-baseline="central"' : ''} fill="${escape(this.fillStyle)}" ${this.attributes()}>${escape(text)}</text>`);
  }
}

const n2 = (v) => Math.round(v * 100) / 100;
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

export async function toSvg(S) {
  const { Plotly, gd } = S;
  const url = await Plotly.toImage(gd, { format: 'svg', width: gd.clientWidth, height: gd.clientHeight });
  const svg = decodeURIComponent(url.slice(url.indexOf(',') + 1));
  const pen = new SvgPen('stage');
  draw(pen, gd, S.scene, S.k, S.style);
  const paper = `<rect width="100%" height="100%" fill="${escape(S.style.paper)}"/>`;
  return svg.replace(/<svg [^>]*>/, (open) => open + paper)
    .replace(/<\/svg>\s*$/, `<g>${pen.parts.join('')}</g></svg>`);
}

async function toPng(S, scale = 3) {
  const image = new Image();
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(await toSvg(S));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = scale * S.gd.clientWidth;
  canvas.height = scale * S.gd.clientHeight;
  const g = canvas.getContext('2d');
  g.fillStyle = S.style.paper;
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

export async function download(S, { format, name }) {
  const blob = format === 'png' ? await toPng(S) : new Blob([await toSvg(S)], { type: 'image/svg+xml' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
