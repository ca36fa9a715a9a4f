"""A run as a film: GIF, MP4 or WebM, drawn by the strokes of the stage."""

import base64
import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from gdviz.export.fonts import FAMILY
from gdviz.export.rates import rates
from gdviz.export.renderer import ExportError, renderer
from gdviz.export.styles import BASE_TYPE, NARROW, Style, legend_words
from gdviz.figures.marks import with_marks
from gdviz.figures.scene import Picture, Scene
from gdviz.figures.wire_format import background_message, pack

RATE = 25  # frames a second
MOST_FRAMES = 300
RUN_SECONDS, SLOWEST = 6.0, 4.0  # as in player.js: a run takes 6 s, unless that is under 4 steps/s
OPENING = "film"  # the kind of what comes before the first frame, among the rates
HOLD = 1.2  # seconds that the last frame stays
LARGEST = {"gif": (720, 720), "mp4": (1280, 720), "webm": (1280, 720)}

Progress = Callable[[float], None]

# Even sizes, 4:2:0 and the index in front: what every player and every slide program shows. A JPEG
# is of full range and BT.601; a film is of limited range and BT.709, in fact and by its tags.
_VIDEO = (
    "-vf scale=in_range=full:out_range=limited:in_color_matrix=bt601:out_color_matrix=bt709,"
    "format=yuv420p -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709"
)
_SAME = "-map_metadata 1 -an -fflags +bitexact -flags +bitexact"  # the same bytes each time
_ENCODERS = {
    "mp4": f"-c:v libx264 -preset veryfast -crf 20 {_VIDEO} -movflags +faststart",
    "gif": "-filter_complex split[a][b];[a]palettegen=stats_mode=diff[p];"
    "[b][p]paletteuse=dither=none -loop 0",
    "webm": f"-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -crf 32 -b:v 0 {_VIDEO}",
}


def frame_steps(scene: Scene) -> list[float]:
    """Return the step of each frame, from the first step to the last, as the player goes."""
    count = frame_count(scene.steps)
    return [scene.steps * i / (count - 1) for i in range(count)]


def frame_count(steps: int) -> int:
    """Return the number of frames of a run of so many steps."""
    count = max(2, round(RATE * steps / max(SLOWEST, steps / RUN_SECONDS)) + 1)
    return min(count, MOST_FRAMES)


def film_of(
    picture: Picture,
    format: str,
    style: Style,
    title: str = "",
    progress: Progress = lambda share: None,
    comment: str = "",
) -> bytes:
    """Return the playback of a picture as GIF, MP4 or WebM; `progress` is told the share done.

    An MP4 or WebM has a `comment` in its tags.
    """
    if picture.scene.steps == 0:
        raise ExportError("Nothing moves in this picture: there is no film of it.")
    size = _size(style, LARGEST[format])
    steps = frame_steps(picture.scene)
    frames, spent = _frames(picture, size, style, title, steps, format, progress)
    start = perf_counter()
    made = encode(frames + frames[-1:] * round(HOLD * RATE), format, comment=comment)
    spent += perf_counter() - start
    rates.note(format, work_of(picture.scene.steps, format, style), spent, len(made))
    progress(1.0)
    return made


def work_of(steps: int, format: str, style: Style) -> float:
    """Return the work of a film, which time and size go by: millions of pixels of all frames."""
    wide, high = _size(style, LARGEST[format])
    return frame_count(steps) * wide * high / 1e6


def _size(style: Style, largest: tuple[int, int]) -> tuple[int, int]:
    """Return the even size of a film, in the shape of the style; a narrow one is a square.

    Its panels stand side by side, as on a phone, and need the height.
    """
    high = style.width if style.width < NARROW else style.height
    by = min(largest[0] / style.width, largest[1] / high)
    return round(style.width * by / 2) * 2, round(high * by / 2) * 2


def _frames(
    picture: Picture,
    size: tuple[int, int],
    style: Style,
    title: str,
    steps: list[float],
    format: str,
    progress: Progress,
) -> tuple[list[bytes], float]:
    """Return the frames as PNG for a GIF, else as JPEG, and the seconds they took."""
    scale = style.type / BASE_TYPE * size[0] / style.width
    kind = "image/png" if format == "gif" else "image/jpeg"
    tag, background = background_message(picture.background)
    scene = base64.b64encode(
        pack(with_marks(picture.scene, picture.background), background=tag)
    ).decode()
    settings = {"scene": scene, "width": size[0], "height": size[1], "scale": scale}
    settings |= {"title": title, "legend": legend_words(picture.scene), "family": FAMILY}

    async def job(browser: Any) -> tuple[list[bytes], float]:
        start = perf_counter()
        tab = await browser._get_kaleido_tab()
        try:
            text = f"{{background: {background.decode()}, ...{json.dumps(settings)}}}"
            await evaluate(tab.tab, f"openFilm(Plotly, {text}).then((F) => {{ window.film = F; }})")
            opened, drawn = perf_counter(), []
            rates.note(OPENING, 1, opened - start, 0)
            for i, k in enumerate(steps):
                url = await evaluate(tab.tab, f"frameOf(window.film, {k!r}, '{kind}')")
                drawn.append(base64.b64decode(url.partition(",")[2]))
                progress(0.9 * (i + 1) / len(steps))
            return drawn, perf_counter() - opened
        finally:
            await browser._return_kaleido_tab(tab)

    return renderer.ask(job)


async def evaluate(tab: Any, expression: str) -> Any:
    """Return what an expression comes to in a tab."""
    ask = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = (await tab.send_command("Runtime.evaluate", ask)).get("result", {})
    if "exceptionDetails" in answer:
        raise RuntimeError(str(answer["exceptionDetails"])[:500])
    return answer["result"].get("value")


def encode(frames: Sequence[bytes], format: str, rate: float = RATE, comment: str = "") -> bytes:
    """Return frames, each a PNG or a JPEG, as a film with `rate` of them a second."""
    import imageio_ffmpeg

    program = imageio_ffmpeg.get_ffmpeg_exe()
    with tempfile.TemporaryDirectory(prefix="gdviz") as folder:
        file, tags = Path(folder) / f"film.{format}", Path(folder) / "tags.txt"
        said = re.sub(r"([=;#\\\n])", r"\\\1", comment)
        tags.write_text(f";FFMETADATA1\ncomment={said}\n", "utf-8")  # too long for an argument
        words = f"-loglevel error -y -f image2pipe -framerate {rate} -i - -f ffmetadata -i"
        command = [program, *words.split(), str(tags), *_SAME.split()]
        command += [*_ENCODERS[format].split(), str(file)]
        done = subprocess.run(
            command, input=b"".join(frames), capture_output=True, timeout=60, check=False
        )
        if done.returncode:
            raise ExportError(f"The encoder failed: {done.stderr.decode(errors='replace')[:200]}")
        return file.read_bytes()
