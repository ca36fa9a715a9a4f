"""The page geometry as a short program."""

from gdviz.topics.geometry.settings import Geometry, corners, member, point, vector


def as_python(spec: Geometry) -> str:
    """Return a short program on the public API that prints the numbers of the room."""
    return _CODE[spec.room](spec)


def _names(spec: Geometry, *names: str) -> list[str]:
    rows = {
        "a": f"a = {point(spec, 'a').tolist()}",
        "b": f"b = {point(spec, 'b').tolist()}",
        "v": f"v = {vector(spec).tolist()}",
        "loop": f"loop = {corners(spec).tolist()}",
    }
    return [f"family = {spec.family!r}", *(rows[name] for name in names)]


def _between_code(spec: Geometry) -> str:
    return _between(_names(spec, "a", "b"))


def _other_code(spec: Geometry) -> str:
    ends = [f"{which} = {member(spec, which).tolist()}" for which in "ab"]
    return _between([f"family = {spec.other!r}", *ends])


def _between(names: list[str]) -> str:
    return "\n".join(
        [
            "from gdviz.geometry import distance, geodesic, kl, straight_length",
            "",
            *names,
            "print('Fisher-Rao', distance(family, a, b))",
            "print('straight line', straight_length(family, a, b))",
            "print('KL', kl(family, a, b), kl(family, b, a))",
            "print(geodesic(family, a, b, [0.25, 0.5, 0.75]))",
        ]
    )


def _shoot_code(spec: Geometry) -> str:
    return "\n".join(
        [
            "from gdviz.geometry import christoffel, curvature, norm, shoot",
            "",
            *_names(spec, "a", "v"),
            "print('speed', norm(family, a, v))",
            "print('curvature', curvature(family, a))",
            "print(christoffel(family, a))",
            "print(shoot(family, a, v, [0.25, 0.5, 0.75]))",
        ]
    )


def _transport_code(spec: Geometry) -> str:
    if spec.way == "loop":
        lines = ["found = holonomy(family, loop)", "print(found.angle, found.curvature)"]
        lines += ["print(transport_along(family, [*loop, loop[0]], v)[-1])"]
        rows, needed = _names(spec, "loop", "v"), "holonomy, transport_along"
    else:
        lines = ["print(parallel_transport(family, a, b, v))"]
        rows, needed = _names(spec, "a", "b", "v"), "parallel_transport"
        if spec.ladder != "none":
            needed = "ladder, parallel_transport"
            kind = f"{spec.rungs}, {spec.ladder!r}, 1 / {spec.rungs}"
            lines += [f"print(ladder(family, a, b, v, {kind}).vector)"]
    return "\n".join([f"from gdviz.geometry import {needed}", "", *rows, *lines])


def _bound_code(spec: Geometry) -> str:
    return "\n".join(
        [
            "from gdviz.topics.geometry import Geometry",
            "from gdviz.topics.geometry.bound import bound",
            "",
            f"print(bound({spec!r}).efficiency)",
        ]
    )


_CODE = {
    "between": _between_code,
    "shoot": _shoot_code,
    "transport": _transport_code,
    "bound": _bound_code,
    "other": _other_code,
}
