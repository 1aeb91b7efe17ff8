"""The Link header: where the next page of a list is (RFC 8288)."""

from __future__ import annotations

import re

# An address in angle brackets, then its parameters. A quoted value may hold commas, semicolons and brackets.
LINK = re.compile(r'<([^<>]*)>((?:[^",]|"(?:[^"\\]|\\.)*")*)')
PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+)))?')


def next_link(header: str) -> str:
    """Find the address whose relation is "next"; "" where there is none.

    >>> next_link('</v2/a/tags/list>; rel="first", </v2/a/tags/list?last=v1>; rel="next"')
    '/v2/a/tags/list?last=v1'
    """
    for target, parameters in LINK.findall(header):
        # RFC 8288, section 3.3: rel holds one relation or several, names have no case, and the first rel alone counts.
        relations = [quoted or plain for key, quoted, plain in PARAMETER.findall(parameters) if key.lower() == "rel"]
        if relations and "next" in relations[0].lower().split():
            return str(target)
    return ""
