"""The next page of a list is the link whose relation says so, and no other."""

from __future__ import annotations

import pytest

from simregistry.connect.link_header import next_link


@pytest.mark.parametrize("header", [
    '</n>; rel="next"', "</n>;rel=next", '</n> ; REL = "NEXT"', '</n>; title="a, <b>; rel=prev"; rel="next"',
    '</p>; rel="prev", </n>; rel="next"', '</n>; rel="next", </l>; rel="last"', '</n>; rel="last next"', "</n>; rel=next; rel=prev",
    '<>; rel="prev",</n>; rel="next"', "</x>, </n>; rel=next", '</n>; anchor; rel="next"', r'</n>; title="a \" b"; rel="next"',
    "</n>; rel=next, </m>; rel=next",
])  # fmt: skip
def test_the_next_link_is_found(header):
    """RFC 8288: one or several relations, in quotes or not, names without case; in any place of a list."""
    assert next_link(header) == "/n"


@pytest.mark.parametrize("header", [
    "", '</n>; rel="prev"', '</n>; rel="prev"; rel="next"', "</n>", "/n; rel=next", '</n>; title="rel=next"', '</n>; rel="nextish"',
    '</n; rel="next"', '</n>; xrel="next"', "</n>; rel",
])  # fmt: skip
def test_no_other_link_is_taken_for_it(header):
    """A quoted value is no parameter, and of two relations the first counts."""
    assert not next_link(header)
