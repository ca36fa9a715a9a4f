// What a file says of its origin, written into an SVG or a PNG of the browser: see gdviz/export/stamps.py.

// The line of a file that shows step k.
export const lineAt = (stamp, k, last) => stamp.replace(/"step":(null|\d+)/, () => `"step":${k < last ? k : null}`);

export function stampSvg(svg, line) {
  return line ? svg.replace(/<svg [^>]*>/, (tag) => `${tag}<metadata><![CDATA[${line}]]></metadata>`) : svg;
}

// Every chunk of a PNG ends with this check of its type and data.
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

// A PNG with a chunk of text after its header, which takes 33 bytes.
export async function stampPng(blob, line) {
  if (!line) return blob;
  const chunk = new TextEncoder().encode(`tEXtgdviz\0${line}`);
  const [length, check] = [chunk.length - 4, crc32(chunk)].map((n) => {
    const four = new DataView(new ArrayBuffer(4));
    four.setInt32(0, n);
    return four.buffer;
  });
  return new Blob([blob.slice(0, 33), length, chunk, check, blob.slice(33)], { type: blob.type });
}
