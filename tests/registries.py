"""Tables that belong together: what one of them lacks is named, and the file where it is added."""

from collections.abc import Iterable, Mapping


def check_same_keys(tables: Mapping[str, Iterable[str]]) -> None:
    """Assert that all tables have the same keys; a table's name says in which file it stands."""
    every = dict.fromkeys(key for keys in tables.values() for key in keys)
    lacking = {where: [k for k in every if k not in set(keys)] for where, keys in tables.items()}
    told = [f"{where} lacks {', '.join(keys)}" for where, keys in lacking.items() if keys]
    assert not told, f"{'; '.join(told)}: add it there"
