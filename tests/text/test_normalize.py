"""One spelling of a type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniner.text.normalize import normalize_type


@pytest.mark.parametrize(
    ("written", "name"), [("Person", "person"), (" Sports\n Team ", "sports team"), ("", "")]
)
def test_case_and_white_space_do_not_make_another_type(written: str, name: str) -> None:
    assert normalize_type(written) == name


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_a_normal_name_stays_as_it_is(written: str) -> None:
    assert normalize_type(normalize_type(written)) == normalize_type(written)
