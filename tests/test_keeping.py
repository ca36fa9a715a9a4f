"""What is made of a thing is kept while it lives, and no longer."""

import gc

from gdviz.figures.weak_cache import cached_per_object


class Thing:
    pass


def test_it_is_made_once_for_each_thing_and_keeps_nothing_alive() -> None:
    made: list[tuple[int, str]] = []

    @cached_per_object
    def name(thing: Thing, word: str) -> str:
        made.append((id(thing), word))
        return word * 2

    one, other = Thing(), Thing()
    assert [name(one, "a"), name(one, "a"), name(one, "b"), name(other, "a")] == [
        "aa", "aa", "bb", "aa",
    ]  # fmt: skip
    assert made == [(id(one), "a"), (id(one), "b"), (id(other), "a")]
    kept = name.__closure__
    assert kept
    store = next(cell.cell_contents for cell in kept if isinstance(cell.cell_contents, dict))
    assert set(store) == {id(one), id(other)}
    del one
    gc.collect()
    assert set(store) == {id(other)}
