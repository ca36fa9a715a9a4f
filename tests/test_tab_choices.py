"""A choice inside a tab stands in the link, and the link to exactly this has it."""

import ast
from pathlib import Path

from cases import each
from test_pages import assert_clean, open_page

ROOT = Path(__file__).parents[1]
# What is a place for a visitor's own numbers, which are no choice and in no link.
OWN = {"gdviz.topics.regression.houses.tabs._predict", "gdviz.topics.sweep.tabs"}
WIDGETS = {"toggle", "checkbox", "radio", "selectbox", "slider", "segmented_control", "pills",
           "number_input", "multiselect", "select_slider"}  # fmt: skip

CASES = [
    ("race", "race_in_fair", "true", {}),
    ("race", "race_in_zoom", "16", {"race_view": "basins"}),
    ("race", "race_in_method", "adam", {"race_tab": "Numbers"}),
    ("mcmc", "mcmc_in_axis", "y", {}),
    ("regression", "regression_in_epochs", "true", {}),
    ("regression", "regression_in_penalty", "l1",
     {"regression_room": "many", "regression_view": "penalty"}),
    ("regression", "regression_in_against", "bmi",
     {"regression_room": "many", "regression_view": "residuals"}),
    ("backprop", "backprop_in_pace", "epoch", {"backprop_view": "slow"}),
]  # fmt: skip


@each("page, name, text, where", CASES)
def test_a_choice_is_taken_from_the_link_and_stays_in_it(
    page: str, name: str, text: str, where: dict[str, str]
) -> None:
    at = open_page(page, {name: text, **where})
    assert_clean(at, name)
    value = at.session_state[name]
    assert (str(value).lower() if isinstance(value, bool) else value) == text
    assert "".join(at.query_params[name]) == text
    here = next(code.value for code in at.code if "://" in code.value or code.value.startswith("?"))
    assert f"{name}={text}" in here


@each("page, name, text, where", CASES)
def test_what_a_link_says_wrongly_of_a_choice_is_left(
    page: str, name: str, text: str, where: dict[str, str]
) -> None:
    at = open_page(page, {name: "<script>", **where})
    assert_clean(at, name)
    assert name not in at.query_params


def test_no_tab_has_a_choice_that_no_link_says() -> None:
    found = set()
    for file in sorted((ROOT / "gdviz" / "topics").rglob("tabs*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef):
                calls = [n.func for n in ast.walk(function) if isinstance(n, ast.Call)]
                names = {f.attr for f in calls if isinstance(f, ast.Attribute)}
                if names & WIDGETS and not {module, f"{module}.{function.name}"} & OWN:
                    found.add(f"{module}.{function.name}")
    assert found == set()
