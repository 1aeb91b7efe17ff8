"""Documents from outside are read with bounds."""

from __future__ import annotations

import pytest

from simregistry.errors import InvalidValue
from simregistry.oci.json_document import read_document


@pytest.mark.parametrize("half", ['"\\ud800"', '{"\\udfff": 1}', '["\\uDABC x"]'])
def test_half_a_character_is_refused(half):
    """It could never be written again: a lone surrogate is no text (RFC 8259, section 8.2). A whole pair is one."""
    with pytest.raises(InvalidValue, match="half a character"):
        read_document(f'{{"annotations": {half}}}'.encode(), "manifest")
    assert read_document(b'{"a": "\\ud83d\\ude00"}', "manifest") == {"a": "\U0001f600"}
