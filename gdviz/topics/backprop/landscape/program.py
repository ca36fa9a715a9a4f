"""The loss landscape as a program on the public API."""

from gdviz.topics.backprop.landscape.settings import Landscape, place_here, run


def as_python(spec: Landscape) -> str:
    """Return a program that prints what the plane leaves out, and the barriers between networks."""
    plain = Landscape()
    told = {k: v for k, v in vars(spec).items() if v != getattr(plain, k)}
    words = ", ".join(f"{name}={value!r}" for name, value in told.items())
    pair = spec.plane == "pair"
    names = ["Landscape", "losses_of", "plane_of", "training_of", *["twin_of"] * pair]
    lines = [
        "from gdviz.learn.weight_planes import project",
        f"from gdviz.topics.backprop.landscape import {', '.join(names)}",
        "",
        f"spec = Landscape({words})",
        "plane, path = plane_of(spec), training_of(spec).path",
        "seen = project(plane, path)",
        'print("outside", seen.outside)',
        'print("loss", losses_of(spec, path)[-1])',
        'print("farthest", seen.distances.max())',
        f"here = plane.at{place_here(spec, run(spec))!r}",
        'print("here", losses_of(spec, here[None])[0])',
    ]
    if pair:
        lines += [
            "for barrier in twin_of(spec, plane).barriers:",
            '    print("barrier", barrier.height)',
        ]
    return "\n".join(lines)
