"""Upload screens: a guess that changes numbers is told, and a knob beside it overrules it."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from gdviz.ui.table_reading import AS_IT_LOOKS


def regression() -> None:
    import io
    from unittest.mock import patch

    import streamlit as st

    from gdviz.topics.regression.controls_upload import uploaded_table

    class File(io.BytesIO):
        file_id = "a file"

    rows = b"".join(b"%d.500;%d\n" % (250 + k, 3 + k % 4) for k in range(8))
    with patch("streamlit.file_uploader", return_value=File(b"Preis;Zimmer\n" + rows)):
        source, key = uploaded_table("regression_many")
    st.text("table " + repr(float(source.table.iloc[0, 0])))
    st.text("key " + repr(key))


def recommender() -> None:
    import io
    from unittest.mock import patch

    import streamlit as st

    from gdviz.topics.recommender import controls

    class File(io.BytesIO):
        file_id = "a file"

    rows = b"".join(b"u%d;%d;%d,5\n" % (k % 7, k, 1 + k % 4) for k in range(40))
    twice = b"u;i;1;02/03/2020\nu;i;5;01/04/2020\n"
    text = b"user;item;rating;date\n" + rows.replace(b",5\n", b",5;01/01/2019\n") + twice
    with patch("streamlit.file_uploader", return_value=File(text)):
        controls._upload()
    ratings = controls.uploaded_ratings()
    st.text("table " + repr(float(ratings.values[-1])))


def opened(app: Callable[[], None]) -> AppTest:
    at = AppTest.from_function(app, default_timeout=120).run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    return next(text.value for text in at.text if text.value.startswith("table "))


def told(at: AppTest) -> str:
    return " ".join(str(html.proto) for html in at.get("html"))


def test_the_decimal_sign_of_a_table_can_be_overruled() -> None:
    at = opened(regression)
    assert said(at) == "table 250500.0" and "the point separates thousands" in told(at)
    before = at.text[1].value
    at.selectbox(key="regression_many_read_decimal").select("a point, 0.5").run()
    assert said(at) == "table 250.5" and at.text[1].value != before
    at.selectbox(key="regression_many_read_decimal").select(AS_IT_LOOKS).run()
    at.selectbox(key="regression_many_read_thousands").select("a comma, 1,000").run()
    assert said(at) == "table 250.5"


def test_the_order_of_a_date_can_be_overruled() -> None:
    at = opened(recommender)
    assert said(at) == "table 1.0" and "month was taken to come first" in told(at)
    at.selectbox(key="recommender_read_day_first").select("the day").run()
    assert said(at) == "table 5.0"
