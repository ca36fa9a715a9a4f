// In a frame: what the page around ours may ask for, by messages. docs/embedding.md says how.
//
//   {gdviz: 'play'}, {gdviz: 'pause'}, {gdviz: 'step', step: 3}   the player
//   {gdviz: 'slide', slide: 2}                                    slides
//   {gdviz: 'set', knobs: {descent_lr: 0.1}}                      the app alone, for origins that its operator has named
//
// It is told {gdviz: 'ready'} as soon as it is heard, and by a file {gdviz: 'key', key: 'PageDown'} of a presenter's remote.

// Whether an origin is one of a list, in which a star stands for any name before a domain, or for any port.
export function isOneOf(origin, allowed) {
  return allowed.some((text) => {
    const [, name, port] = text.match(/^(.*?)(:\*)?$/);
    const pattern = name.replace(/[.?+^$()|[\]{}\\]/g, '\\$&').replaceAll('*', '[a-zA-Z0-9.-]+');
    return new RegExp(`^${pattern}${port ? '(:[0-9]+)?' : ''}$`).test(origin);
  });
}

// Hear the page that holds ours in a frame; `allowed()` are its origins, all if it is left out. Returns how to stop.
export function listenToFrame(hear, allowed) {
  const heard = ({ source, origin, data }) => {
    const around = source === window.parent && source !== window;
    if (around && typeof data?.gdviz === 'string' && (!allowed || isOneOf(origin, allowed()))) hear(data);
  };
  addEventListener('message', heard);
  if (window.parent !== window) window.parent.postMessage({ gdviz: 'ready' }, '*');
  return () => removeEventListener('message', heard);
}

// Tell the page around of the keys that turn its slides: where a picture has the focus, the page does not get them.
export function passTurns() {
  if (window.parent !== window) addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (['PageDown', 'PageUp'].includes(key) && !defaultPrevented) window.parent.postMessage({ gdviz: 'key', key }, '*');
  });
}
