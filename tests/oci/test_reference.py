"""References, as the distribution project's grammar and Docker's habits have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.oci.reference import Reference

DIGEST = Digest.of(b"x")


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        ("python", "docker.io/library/python:latest", "python:latest"),
        ("python:3.13", "docker.io/library/python:3.13", "python:3.13"),
        ("me/app", "docker.io/me/app:latest", "me/app:latest"),
        ("docker.io/python", "docker.io/library/python:latest", "python:latest"),
        ("index.docker.io/library/python", "docker.io/library/python:latest", "python:latest"),
        ("docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
        ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
        ("localhost:5000/app:v1", "localhost:5000/app:v1", "localhost:5000/app:v1"),
        ("registry.example/team/app", "registry.example/team/app:latest", "registry.example/team/app:latest"),
        ("[2001:db8::1]:5000/app:v1", "[2001:db8::1]:5000/app:v1", "[2001:db8::1]:5000/app:v1"),
        ("Foo/app", "Foo/app:latest", "Foo/app:latest"),
        ("app--x/b__c/d.e_f", "docker.io/app--x/b__c/d.e_f:latest", "app--x/b__c/d.e_f:latest"),
        ("localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"),
        (f"python@{DIGEST}", f"docker.io/library/python@{DIGEST}", f"python@{DIGEST}"),
        (f"python:3.13@{DIGEST}", f"docker.io/library/python:3.13@{DIGEST}", f"python:3.13@{DIGEST}"),
    ],
)
def test_a_reference_has_a_full_and_a_familiar_form(text, full, familiar):
    """The full form read again is the same reference, and so is the familiar one."""
    reference = Reference.parse(text)
    assert (str(reference), reference.familiar) == (full, familiar)
    assert Reference.parse(full) == Reference.parse(familiar) == reference


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "is empty"),
        ("https://registry.example/app", "leave https:// out"),
        ("registry.example/", "ends in a slash"),
        ("Python", "write 'python' for 'Python'"),
        ("registry.example/My-App", "write 'my-app' for 'My-App'"),
        ("a//b", "is empty; look for //"),
        (":v1", "is empty"),
        ("/app", "is empty"),
        ("app:", "bad tag ''"),
        ("app:-x", "bad tag '-x'"),
        ("app:" + "t" * 129, "at most 128"),
        ("app::v1", "bad tag ':v1'"),
        ("app:v 1", "has a space"),
        (" app", "has a space"),
        ("a" * 256, "255 is the most"),
        ("a" * 64, "is an image ID"),
        ("app@", "bad digest"),
        ("app@sha256:abc", "needs exactly 64"),
        ("app@md5:" + "a" * 32, "unknown algorithm"),
        ("-app", "bad part '-app'"),
        ("app_", "bad part 'app_'"),
        ("a___b", "bad part 'a___b'"),
        ("a..b/c", "bad registry"),
        ("-a.example/c", "bad registry"),
        ("host.example:port/c", "bad registry"),
        ("host.example:123456/c", "bad registry"),
        ("app\n", "has a space"),
        ("äpp", "bad part"),
        (None, "must be a string"),
        (7, "must be a string"),
    ],
)
def test_each_rejection_says_which_rule_failed(text, rule):
    """An error that names the rule and what to do."""
    with pytest.raises(InvalidValue) as refusal:
        Reference.parse(text)
    assert rule in refusal.value.rule


def test_a_reference_is_moved_to_another_tag_or_pinned():
    """A tag moves, a digest does not."""
    reference = Reference.parse("registry.example/app:v1")
    assert str(reference.with_tag("v2")) == "registry.example/app:v2"
    assert str(reference.with_digest(DIGEST)) == f"registry.example/app@{DIGEST}"
    with pytest.raises(InvalidValue):
        reference.with_tag("no good")


PART = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}", fullmatch=True)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
HOSTS = st.sampled_from(["docker.io", "localhost", "localhost:5000", "a.example", "UPPER.example:1", "[::1]:5000"])


@given(HOSTS, st.lists(PART, min_size=1, max_size=4), TAGS, st.booleans())
def test_what_the_grammar_makes_is_read_back(host, parts, tag, pinned):
    """Full form in, full form out."""
    path = "/".join(parts)
    text = f"{host}/{path}:{tag}" + (f"@{DIGEST}" if pinned else "")
    reference = Reference.parse(text)
    expected = f"library/{path}" if host == "docker.io" and len(parts) == 1 else path
    assert (reference.registry, reference.repository, reference.tag) == (host, expected, tag)
    assert Reference.parse(str(reference)) == reference == Reference.parse(reference.familiar)


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_an_invalid_value(text):
    """Never another error, and what is taken can be written and read again."""
    try:
        reference = Reference.parse(text)
    except InvalidValue:
        return
    assert Reference.parse(str(reference)) == reference
