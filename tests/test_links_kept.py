"""Links, programs, options and files that somebody kept: they open, run and say the same.

`reference/make_links.py` recorded them before the package was put into rooms; it says how. What a
record holds is a promise: where one of these tests fails, mend the code, not the record.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import kept_links as kept
import pyarrow.parquet as pq
import pytest
from cases import sampled
from click.testing import CliRunner

HERE = Path(__file__).parent / "reference"
RECORD = json.loads((HERE / "links.json").read_text("utf-8"))
PAGES = sorted(RECORD["defaults"])


def of_page(name: str) -> list[dict[str, Any]]:
    return [entry for entry in RECORD["links"] if entry["page"] == name]


def test_the_record_is_whole() -> None:
    """Every page and room has links with numbers, and few whose numbers are not held."""
    held = [e for e in RECORD["links"] if e.get("share")]
    gone = set(PAGES) - set(kept.names())
    assert not gone, f"pages are gone that links lead to: {gone}"
    assert {e["page"] for e in RECORD["links"]} == set(PAGES)
    assert len(held) >= 120
    assert {e["page"] for e in held} >= set(PAGES) - {"regression_houses"}  # its data is elsewhere


# Links whose numbers are others now, and why.
CHANGED = {
    "/regression?regression_kinds=sgd": "It is called diverged at step 106, where it has left all "
    "bounds; at step 73 it might have come back.",
    "/mcmc?mcmc_tab=Numbers": "R̂ is a text: of one chain it says what it needs.",
    "integration: No mean at all": "Its expectation is +∞, and is said to be.",
    "importance: Cauchy from normal": "Its sentence says more exactly what is too light.",
    "/geometry?geometry_family=weibull": "A distance by quadrature has eight digits more.",
}
# An adaptive rule looks between its points before it says that it is done: it asks more often.
ADAPTIVE = ("integration_rule=adaptive_", "E[X²] cut short", "integration_tab=Numbers")

# L-BFGS on powers up to the ninth: how a processor rounds decides from the fourth digit on.
NEAR = {
    "/regression?regression_table=polynomial&regression_rule=lbfgs&regression_updates=60"
    "&regression_held=0.7&regression_room=many": 1e-5,
    "regression_many: Over-fit": 1e-3,
}


def is_changed(link: str) -> bool:
    """Tell whether a link, or a program, is known to show other numbers now."""
    return link in CHANGED or any(part in link for part in ADAPTIVE)


def is_old_default(name: str, value: Any) -> bool:
    """Tell whether a link says what was a default then, and is none now."""
    page, _, field = name.partition("_")
    return RECORD["defaults"].get(page, {}).get(field) == value


@pytest.mark.parametrize("name", PAGES)
def test_a_link_opens_the_same_settings(name: str) -> None:
    """Step and pins, too; what a page gains later stands at its default."""
    wrong = {}
    for entry in of_page(name):
        found = kept.opened(entry["link"])
        expected = RECORD["defaults"][name] | entry.get("settings", {})
        known = {k: v for k, v in found["settings"].items() if k in expected}
        pins = [
            {k: pin.get(k) for k in old}
            for pin, old in zip(found["pins"], entry.get("pins", []), strict=True)
        ]
        now = {"page": found["page"], "step": found["step"], "pins": pins} | known
        then = {"page": name, "step": entry.get("step"), "pins": entry.get("pins", [])} | expected
        if now != then:
            wrong[entry["link"]] = {k: now.get(k) for k in then if now.get(k) != then[k]}
    assert not wrong, f"{len(wrong)} links open other settings, so: {list(wrong.items())[:3]}"


def says_more(entry: dict[str, Any]) -> bool:
    """Tell whether a link says more than one knob, as a preset does, or is known to be changed."""
    knobs = entry["link"].count("=") - entry["link"].count("_room=")
    return knobs > 1 or is_changed(entry["link"])


@pytest.mark.parametrize("name", PAGES)
def test_a_link_shows_the_same_numbers(name: str) -> None:
    """All that say several knobs, and some of those that say one; settings are computed once."""
    held = [entry for entry in of_page(name) if "numbers" in entry]
    single = sampled([entry for entry in held if not says_more(entry)], 4)
    wrong = {}
    for entry in (*filter(says_more, held), *single):
        found = kept.digest(kept.asked(entry["link"]).spec)
        wrong[entry["link"]] = kept.unlike(
            found, entry["numbers"], NEAR.get(entry["link"], entry["share"])
        )
    wrong = {link: why for link, why in wrong.items() if not is_changed(link)}
    wrong = {link: why for link, why in wrong.items() if why}
    assert not wrong, f"{len(wrong)} links show other numbers, so: {list(wrong.items())[:3]}"


@pytest.mark.parametrize("name", sorted({p["label"].partition(":")[0] for p in RECORD["programs"]}))
def test_a_copied_program_prints_the_same(name: str) -> None:
    own = [one for one in RECORD["programs"] if one["label"].startswith(f"{name}:")]
    for program in sampled([one for one in own if "prints" in one], 2):
        out = kept.printed(program["code"])
        label = program["label"]
        why = kept.unlike_text(out, program["prints"], NEAR.get(label, program["share"]))
        assert is_changed(label) or not why, f"{label}: {why}"


def test_a_copied_program_finds_what_it_imports() -> None:
    """Those, too, whose data must be downloaded."""
    for program in RECORD["programs"]:
        kept.printed(kept.imports(program["code"] or ""))


@pytest.mark.parametrize("page", sorted({e["link"].split("?")[0] for e in RECORD["places"]}))
def test_a_page_opens_at_the_same_place(page: str) -> None:
    """Room, tab and view stand in its link afterwards; its tables have the same numbers."""
    own = [entry for entry in RECORD["places"] if entry["link"].split("?")[0] == page]
    for entry in sampled(own, 2):
        link = entry["link"]
        found = kept.shown(link)
        said = {k: v for k, v in found["says"].items() if not is_old_default(k, v)}
        assert said == entry["says"], link
        if "pitfalls" in link.lower():
            continue  # programs that a visitor runs; their results were on the page before
        assert found["errors"] == entry["errors"], link
        more = len(found["tables"]) - len(entry["tables"])
        assert more >= 0, f"{link}: a table is gone"
        for one, other in zip(found["tables"], [*entry["tables"], *[None] * more], strict=True):
            why = other and kept.unlike({"table": one}, {"table": other}, 1e-6)
            assert is_changed(link) or not why, f"{link}: {why}"


def test_the_command_line_takes_what_it_took() -> None:
    now = kept.command_line()
    gone = {c: set(options) - set(now.get(c, ())) for c, options in RECORD["command_line"].items()}
    gone = {command: options for command, options in gone.items() if options or command not in now}
    assert not gone, f"taken from the command line: {gone}"


@pytest.mark.parametrize("there", [6, 2], ids=["finished", "interrupted"])
def test_a_kept_sweep_is_gone_on_with(tmp_path: Path, there: int) -> None:
    """The same command finds its cells, runs the others, and comes to the same table."""
    whole, file = pq.read_table(HERE / "sweep.parquet"), tmp_path / "sweep.parquet"
    if there == 6:
        shutil.copy(HERE / "sweep.parquet", file)
    else:
        cells = pq.read_table(HERE / "sweep.parquet", filters=[("cell", "<", there)])
        pq.write_table(cells.replace_schema_metadata(whole.schema.metadata), file)
    words = [*RECORD["sweep"]["words"], "--workers", "0", "-o", str(file)]
    done = CliRunner().invoke(kept.cli.main, words)
    assert done.exit_code == 0, done.output
    assert f"{there} of 6 cells are in" in done.output
    found = pq.read_table(file)
    assert found.column_names == whole.column_names
    for name in whole.column_names:
        one, other = found[name].to_pylist(), whole[name].to_pylist()
        assert one == pytest.approx(other) if isinstance(other[0], float) else one == other, name
