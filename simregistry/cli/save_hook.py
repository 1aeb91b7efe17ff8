"""What JupyterLab does before it saves a lesson: live views are left out, so that a saved page never shows an error.

A stored live view whose kernel is gone reads "Error displaying widget". Its static twin is stored beside it and stays.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"


def twin_only(model: MutableMapping[str, Any], **_others: Any) -> None:
    """Take live views out of a notebook that is about to be saved, where a static twin is beside them.

    >>> output = {"data": {VIEW: {}, "text/html": "<p>twin</p>"}}
    >>> twin_only({"type": "notebook", "content": {"cells": [{"outputs": [output]}]}})
    >>> list(output["data"])
    ['text/html']
    """
    if model.get("type") != "notebook" or not isinstance(model.get("content"), MutableMapping):
        return
    for cell in model["content"].get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if VIEW in data and "text/html" in data:
                del data[VIEW]
    model["content"].get("metadata", {}).pop("widgets", None)
