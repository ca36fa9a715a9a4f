"""A run as a film: GIF, MP4 or WebM, drawn by the strokes of the stage."""

import base64
import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gdviz.export.fonts import FAMILY
from gdviz.export.renderer import ExportError, renderer
from gdviz.export.styles import BASE_TYPE, Style
from gdviz.figures.marks import with_marks
from gdviz.figures.scene import Picture, Scene
from gdviz.figures.wire_format import background_message, pack

RATE = 25  # frames a second
MOST_FRAMES = 300
RUN_SECONDS, SLOWEST = 6.0, 4.0  # as in player.js: a run takes 6 s, unless that is under 4 steps/s
HOLD = 1.2  # seconds that the last frame stays
LARGEST = {"gif": (720, 720), "mp4": (1280, 720), "webm": (1280, 720)}

Progress = Callable[[float], None]

# Even sizes, 4:2:0 and the index in front: what every player and every slide program shows. A JPEG
# is of full range and BT.601; a film is of limited range and BT.709, in fact and by its tags.
_VIDEO = (
    "-vf scale=in_range=full:out_range=limited:in_color_matrix=bt601:out_color_matrix=bt709,"
    "format=yuv420p -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709"
)
_ENCODERS = {
    "mp4": f"-c:v libx264 -preset veryfast -crf 20 {_VIDEO} -movflags +faststart",
    "gif": "-filter_complex split[a][b];[a]palettegen=stats_mode=diff[p];"
    "[b][p]paletteuse=dither=none -loop 0",
    "webm": f"-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -crf 32 -b:v 0 {_VIDEO}",
}


def frame_steps(scene: Scene) -> list[float]:
    """Return the step of each frame, from the first step to the last, as the player goes."""
    steps = scene.steps
    count = max(2, round(RATE * steps / max(SLOWEST, steps / RUN_SECONDS)) + 1)
    count = min(count, MOST_FRAMES)
    return [steps * i / (count - 1) for i in range(count)]


def film_of(
    picture: Picture,
    format: str,
    style: Style,
    title: str = "",
    progress: Progress = lambda share: None,
) -> bytes:
    """Return the playback of a picture as GIF, MP4 or WebM; `progress` is told the share done."""
    if picture.scene.steps == 0:
        raise ExportError("Nothing moves in this picture: there is no film of it.")
    size = _size(style, LARGEST[format])
    steps = frame_steps(picture.scene)
    frames = _frames(picture, size, style, title, steps, format, progress)
    made = encode(frames + frames[-1:] * round(HOLD * RATE), format)
    progress(1.0)
    return made


def _size(style: Style, largest: tuple[int, int]) -> tuple[int, int]:
    """Return the even size of a film, in the shape of the style."""
    by = min(largest[0] / style.width, largest[1] / style.height)
    return round(style.width * by / 2) * 2, round(style.height * by / 2) * 2


def _frames(
    picture: Picture,
    size: tuple[int, int],
    style: Style,
    title: str,
    steps: list[float],
    format: str,
    progress: Progress,
) -> list[bytes]:
    """Return the frames as PNG for a GIF, else as JPEG."""
    scale = style.type / BASE_TYPE * size[0] / style.width
    kind = "image/png" if format == "gif" else "image/jpeg"
    tag, background = background_message(picture.background)
    scene = base64.b64encode(pack(with_marks(picture.scene), background=tag)).decode()
    settings = {"scene": scene, "width": size[0], "height": size[1], "scale": scale}
    settings |= {"title": title, "family": FAMILY}

    async def job(browser: Any) -> list[bytes]:
        tab = await browser._get_kaleido_tab()
        try:
            text = f"{{background: {background.decode()}, ...{json.dumps(settings)}}}"
            await _ask(tab.tab, f"openFilm(Plotly, {text}).then((F) => {{ window.film = F; }})")
            drawn = []
            for i, k in enumerate(steps):
                url = await _ask(tab.tab, f"frameOf(window.film, {k!r}, '{kind}')")
                drawn.append(base64.b64decode(url.partition(",")[2]))
                progress(0.9 * (i + 1) / len(steps))
            return drawn
        finally:
            await browser._return_kaleido_tab(tab)

    return renderer.ask(job)


async def _ask(tab: Any, expression: str) -> Any:
    """Return what an expression comes to in a tab."""
    ask = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = (await tab.send_command("Runtime.evaluate", ask)).get("result", {})
    if "exceptionDetails" in answer:
        raise RuntimeError(str(answer["exceptionDetails"])[:500])
    return answer["result"].get("value")


def encode(frames: Sequence[bytes], format: str, rate: float = RATE) -> bytes:
    """Return frames, each a PNG or a JPEG, as a film with `rate` of them a second."""
    import imageio_ffmpeg

    program = imageio_ffmpeg.get_ffmpeg_exe()
    with tempfile.TemporaryDirectory(prefix="gdviz") as folder:
        file = Path(folder) / f"film.{format}"
        words = f"-loglevel error -y -f image2pipe -framerate {rate} -i - -an"
        command = [program, *words.split(), *_ENCODERS[format].split(), str(file)]
        done = subprocess.run(
            command, input=b"".join(frames), capture_output=True, timeout=60, check=False
        )
        if done.returncode:
            raise ExportError(f"The encoder failed: {done.stderr.decode(errors='replace')[:200]}")
        return file.read_bytes()
