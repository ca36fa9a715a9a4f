"""Fisher geometry: what the page can be asked, where a hand goes, and its presets."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.geometry import FAMILIES
from gdviz.geometry.planes import LABELS, PLANE_FAMILIES, clamp_to_plane
from gdviz.knobs import NUMBER, PAIRS, Choice, Choices, Range, Switch, Text, needs

ROOMS = {
    "between": "Between two",
    "shoot": "Shoot a geodesic",
    "transport": "Carry a vector",
    "bound": "Cramér and Rao",
    "other": "Other families",
}
OTHERS = {name: FAMILIES[name].label for name in ("exponential", "poisson", "dirichlet")}
_ONE = needs("other", "exponential", "poisson")
_ALPHAS = Text(
    "α₁, α₂, α₃ of a", "Three numbers from 0.2 to 60.", form=rf"{NUMBER}(?:, ?{NUMBER}){{2}}"
)
PATHS = {
    "fisher": "Fisher geodesic",
    "straight": "straight line",
    "e": "e-geodesic",
    "m": "m-geodesic",
    "wasserstein": "Wasserstein path",
}
OVERLAYS = {
    "balls": "geodesic balls",
    "grid": "polar grid",
    "field": "field −Γ(v, v)",
    "none": "nothing",
}
WAYS = {"geodesic": "along the geodesic to b", "loop": "around a drawn loop"}
LADDERS = {"none": "no ladder", "pole": "pole ladder", "schild": "Schild's ladder"}
MOST_CORNERS = 12
ALPHA = (0.2, 60.0)  # the least and the largest parameter of a Dirichlet
SIZES = (5, 10, 20, 40, 80, 160)


@dataclass(frozen=True)
class Geometry:
    """Everything that the page *geometry* can be asked. Points are held within their family."""

    room: Annotated[str, Choice(ROOMS, "room")] = "between"
    family: Annotated[str, Choice(LABELS, "family")] = "normal"
    ax: Annotated[float, Range(-20, 20, "a, first parameter", "Drag a on the stage.")] = -1.5
    ay: Annotated[float, Range(-20, 20, "a, second parameter")] = 0.5
    bx: Annotated[
        float,
        Range(-20, 20, "b, first parameter", "Drag b on the stage."),
        needs("room", "between", "transport"),
    ] = 1.5
    by: Annotated[
        float, Range(-20, 20, "b, second parameter"), needs("room", "between", "transport")
    ] = 0.8
    path: Annotated[
        str,
        Choice(PATHS, "densities along", "The path that is played and drawn at the right."),
        needs("room", "between", "other"),
    ] = "fisher"
    ellipses: Annotated[bool, Switch("ellipses of the metric", "All of the same size.")] = True
    vx: Annotated[
        float,
        Range(-20, 20, "vector, first component", "Drag its tip."),
        needs("room", "shoot", "transport"),
    ] = 0.6
    vy: Annotated[
        float, Range(-20, 20, "vector, second component"), needs("room", "shoot", "transport")
    ] = 0.25
    time: Annotated[float, Range(0.5, 12.0, "time of flight"), needs("room", "shoot")] = 4.0
    overlays: Annotated[
        tuple[str, ...], Choices(OVERLAYS, "drawn around a", most=3), needs("room", "shoot")
    ] = ("balls",)
    way: Annotated[str, Choice(WAYS, "carry the vector"), needs("room", "transport")] = "geodesic"
    loop: Annotated[
        str,
        Text(
            "corners of the loop",
            "x,y pairs after a; click the stage to add one.",
            most=300,
            form=PAIRS.replace(";", " "),
        ),
        needs("way", "loop"),
        needs("room", "transport"),
    ] = "0.4,0.6 0.6,1.4 -1.2,1.5"
    ladder: Annotated[
        str, Choice(LADDERS, "ladder"), needs("way", "geodesic"), needs("room", "transport")
    ] = "none"
    rungs: Annotated[
        int,
        Range(1, 12, "rungs"),
        needs("ladder"),
        needs("way", "geodesic"),
        needs("room", "transport"),
    ] = 3
    samples: Annotated[int, Range(20, 400, "repeated samples"), needs("room", "bound")] = 200
    seed: Annotated[int, Range(0, 9999, "seed"), needs("room", "bound")] = 0
    other: Annotated[str, Choice(OTHERS, "family"), needs("room", "other")] = "exponential"
    la: Annotated[float, Range(0.1, 20.0, "λ of a", log=True), _ONE, needs("room", "other")] = 0.4
    lb: Annotated[float, Range(0.1, 20.0, "λ of b", log=True), _ONE, needs("room", "other")] = 3.0
    da: Annotated[str, _ALPHAS, needs("other", "dirichlet"), needs("room", "other")] = "6, 2, 2"
    db: Annotated[
        str,
        _ALPHAS._replace(label="α₁, α₂, α₃ of b"),
        needs("other", "dirichlet"),
        needs("room", "other"),
    ] = "1, 2, 5"

    def unread(self) -> dict[str, str]:
        """Return that the loop has more corners than are drawn."""
        said, most = len(self.loop.split()), MOST_CORNERS - 1
        return {"loop": f"{said} corners are given, at most {most}."} if said > most else {}


def alike(a: Geometry, b: Geometry) -> bool:
    """Tell whether one picture can hold the runs of two specs."""
    return (a.room, a.family, a.other) == (b.room, b.family, b.other)


def point(spec: Geometry, which: str) -> Any:
    """Return a or b `(2,)`, within the window of the family whatever was typed."""
    return np.array(
        clamp_to_plane(spec.family, getattr(spec, f"{which}x"), getattr(spec, f"{which}y"))
    )


def vector(spec: Geometry) -> Any:
    """Return the vector at a `(2,)`."""
    return np.array([spec.vx, spec.vy])


def corners(spec: Geometry) -> Any:
    """Return the corners of the loop `(k, 2)`, a first; what is not a pair of numbers is left out.

    >>> corners(Geometry(loop="1,1 nonsense 2,1")).tolist()
    [[-1.5, 0.5], [1.0, 1.0], [2.0, 1.0]]
    """
    found = [tuple(point(spec, "a"))]
    for pair in spec.loop.split()[: MOST_CORNERS - 1]:
        with suppress(ValueError):
            x, y = (float(part) for part in pair.split(","))
            if np.isfinite(x) and np.isfinite(y):
                found.append(clamp_to_plane(spec.family, x, y))
    return np.array(found)


def _as_text(points: Any) -> str:
    return " ".join(f"{x:.4g},{y:.4g}" for x, y in points)


def start_of(family: str) -> dict[str, Any]:
    """Return the knobs that suit a family newly chosen: its own two points, vector and loop."""
    plane = PLANE_FAMILIES[family]
    (ax, ay), (bx, by), (vx, vy) = plane.a, plane.b, plane.tip
    (left, low), (right, high) = plane.low, plane.high
    cx, cy = (left + right) / 2, (low + high) / 2
    if family == "categorical":
        cx, cy, right, high = 0.45, 0.3, 0.6, 0.5
    loop = [
        clamp_to_plane(family, x, y)
        for x, y in ((cx, ay), ((cx + right) / 2, cy), (ax, high * 0.8))
    ]
    numbers = {"ax": ax, "ay": ay, "bx": bx, "by": by, "vx": vx, "vy": vy}
    return {**{key: float(value) for key, value in numbers.items()}, "loop": _as_text(loop)}


def move_point(spec: Geometry, hand: Hand) -> dict[str, Any]:
    """Return the knobs that a hand has changed: no handle leaves its family."""
    if spec.room == "other":
        return _move_other(spec, hand)
    x, y = clamp_to_plane(spec.family, hand.x, hand.y)
    if hand.id in ("a", "b"):
        return {f"{hand.id}x": x, f"{hand.id}y": y}
    if hand.id == "tip":
        at = point(spec, "a")
        vx, vy = np.clip([hand.x - at[0], hand.y - at[1]], -20, 20)
        return {"vx": float(f"{vx:.4g}"), "vy": float(f"{vy:.4g}")}
    if hand.id.startswith("corner"):
        return _corner(spec, hand, (x, y))
    return {}


def member(spec: Geometry, which: str) -> Any:
    """Return a or b of the room of other families: its λ `(1,)`, or its α `(3,)`."""
    if spec.other != "dirichlet":
        return np.array([getattr(spec, f"l{which}")])
    with suppress(ValueError):
        found = [float(part) for part in getattr(spec, f"d{which}").split(",")]
        if len(found) == 3 and np.isfinite(found).all():
            return np.clip(found, *ALPHA)
    return member(Geometry(room="other", other="dirichlet"), which)


def _move_other(spec: Geometry, hand: Hand) -> dict[str, Any]:
    """A hand moves λ up and down; or the mean of a Dirichlet, whose Σα stays."""
    if hand.id not in ("a", "b"):
        return {}
    if spec.other != "dirichlet":
        return {f"l{hand.id}": float(f"{np.clip(hand.y, 0.1, 20.0):.4g}")}
    x, y = clamp_to_plane("categorical", hand.x, hand.y)
    alpha = member(spec, hand.id).sum() * np.array([x, y, max(1 - x - y, 0.01)])
    return {f"d{hand.id}": ", ".join(f"{value:.4g}" for value in np.clip(alpha, *ALPHA))}


def _corner(spec: Geometry, hand: Hand, place: tuple[float, float]) -> dict[str, Any]:
    """A corner that is dragged, one added by a click ("corner new"), one taken away with Shift."""
    points = [tuple(p) for p in corners(spec)[1:]]
    if hand.shift and points:
        far = [np.hypot(p[0] - place[0], p[1] - place[1]) for p in points]
        points.pop(int(np.argmin(far)))
    elif hand.id == "corner new":
        points = [*points, place][: MOST_CORNERS - 1]
    else:
        index = hand.id.removeprefix("corner ")
        if index.isascii() and index.isdigit() and 0 < int(index) <= len(points):
            points[int(index) - 1] = place
    return {"loop": _as_text(points)}


def apply_hand(spec: Geometry, hand: Hand) -> Geometry:
    """Return the settings after a hand has moved."""
    return replace(spec, **move_point(spec, hand))


def has_path(family: str, path: str) -> bool:
    """Tell whether a path exists for a family: not all are exponential, or have quantiles."""
    if path in ("e", "m"):
        return FAMILIES[family].duals is not None
    return path != "wasserstein" or FAMILIES[family].quantile is not None
