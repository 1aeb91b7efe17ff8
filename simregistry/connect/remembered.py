"""What a server remembers of an exchange: enough to read the conversation again, and never much of it."""

from __future__ import annotations

from simregistry.oci.content import Content, Nominal, digest_of
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Exchange, Request, Response
from simregistry.registry.middleware.tokens import PATH as TOKEN_PATH

# A body of up to so many bytes is remembered itself, a larger one by its digest and size.
SMALL_ENOUGH_TO_KEEP = 4 * 1024
# The most characters that are remembered of a path, and of each value of a query.
LONGEST_KEPT = 1_000


def remembered(request: Request, response: Response, digest: Digest | None) -> Exchange:
    """Make the exchange to remember, without headers of the request and without secrets.

    ``digest`` is that of the request's body, which was hashed while it came.
    """
    # The answer to the GET of a whole blob names its digest, so the blob need not be hashed again.
    named = response.header("Docker-Content-Digest") if response.status == 200 else ""
    answered = _known_by_digest(response.body, Digest(named) if named else None)
    sent = _known_by_digest(request.body, digest)
    # What a client says to a token service and what it answers are passwords and tokens: keep only the lengths.
    if request.path == TOKEN_PATH:
        answered = bytes(len(response.body))
        sent = bytes(min(len(sent), SMALL_ENOUGH_TO_KEEP))
    query = {key[:LONGEST_KEPT]: value[:LONGEST_KEPT] for key, value in request.query.items()}
    return Exchange(
        Request(request.method, request.path[:LONGEST_KEPT], query, {}, sent),
        Response(response.status, response.headers, answered),
    )


def _known_by_digest(content: Content, digest: Digest | None) -> Content:
    """Return a small body as it is, and a large one by its digest and size, so that no blob stays in memory."""
    if len(content) <= SMALL_ENOUGH_TO_KEEP:
        return content
    known = digest or digest_of(content)
    assert known is not None, "a body of bytes has a digest"
    return Nominal(known, len(content))
