"""Functions written as text, which numba keeps on the disk as it keeps those of a file."""

from hashlib import blake2s
from types import FunctionType
from typing import Any

import numpy as np


def function_from_source(
    text: str, names: dict[str, Any], file: str, made_of: str = ""
) -> FunctionType:
    """Return the function that a text defines among `names`; to numba it stands in a file.

    What is compiled of it with `cache=True` is kept beside that file, for the next process, until
    the file changes, or the text, or what else the function is `made_of`.
    """
    exec(compile(text, file, "exec"), names)
    function = names[text.partition("def ")[2].partition("(")[0]]
    function.__qualname__ += f"_{blake2s((made_of + text).encode(), digest_size=16).hexdigest()}"
    return function


def rule_from_source(source: str) -> FunctionType:
    """Return the update rule that generated code defines; it knows the code as `rule_source`."""
    names: dict[str, Any] = {"np": np, "__name__": __name__}
    exec(compile(source, "<rule>", "exec"), names)
    names["rule"].rule_source = source
    return names["rule"]
