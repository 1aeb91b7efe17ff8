"""A refusal: an error of the specification, as the response that a client gets."""

from __future__ import annotations

from simregistry.errors import SpecError
from simregistry.oci.messages import Request, Response


def refused(error: SpecError, request: Request) -> Response:
    """Put an error into the specification's JSON ("Error Codes"), with its status and its headers.

    >>> from simregistry.errors import Unsupported
    >>> refused(Unsupported("nothing is pushed here"), Request("PUT", "/v2/app/manifests/v1")).status
    405
    """
    body = error.to_json()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | error.headers
    return fit_to_method(Response(error.status, headers, body), request)


def fit_to_method(response: Response, request: Request) -> Response:
    """Leave the content out of an answer to HEAD (RFC 9110, section 9.3.2); its headers are those that GET gets."""
    return Response(response.status, response.headers) if request.method == "HEAD" else response
