"""An explorer in Chromium without a kernel: the page is the real one, and its model is Python's, called directly."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from simregistry.show.explorers.explorer import SOURCES, Explorer

# JupyterLab's own colours, which an explorer is drawn with.
DARK = """
--jp-layout-color0:#111111; --jp-layout-color1:#212121; --jp-layout-color2:#424242; --jp-ui-font-color0:#ffffff;
--jp-ui-font-color1:rgba(255,255,255,0.87); --jp-border-color0:#757575; --jp-border-color1:#616161;
--jp-border-color2:#424242; --jp-brand-color1:#64b5f6; background:#212121; color:#ffffff;
"""
DRAW = """
async ([code, scene]) => {
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const module = await import(url);
  const heard = [];
  const model = {
    scene, get() { return this.scene; }, on(_name, callback) { heard.push(callback); }, off() {},
    async send(message) {
      const start = performance.now();
      this.scene = await send_to_python(message);
      heard.forEach((callback) => callback());
      window.lastFrame = performance.now() - start;
    },
  };
  module.default.render({ model, el: document.querySelector("#place") });
}
"""


@dataclass(frozen=True)
class ExplorerPage:
    """One explorer on a page of its own, and what the page asked of the network or complained of."""

    page: Page
    explorer: Explorer
    requests: list[str]
    errors: list[str]

    def button(self, name: str) -> Locator:
        """A mark or a button, by how a screen reader names it."""
        return self.page.get_by_role("button", name=name)

    def says(self) -> str:
        """What is read aloud."""
        # A slider's value is a status of its own.
        return self.page.locator("p[role=status]").inner_text()

    def tab_into_picture(self) -> None:
        """Reach the picture by the Tab key alone."""
        self.page.locator("body").press("Tab")
        assert self.page.evaluate("document.activeElement.closest('svg.sr-picture') !== null")

    def focused(self) -> str:
        """How the thing that has the focus is named."""
        name = self.page.evaluate(
            "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
        )
        return str(name)

    def drag(self, mark: str, to: str) -> None:
        """Drag a mark onto another one with the pointer."""
        for place, step in ((mark, "down"), (to, "up")):
            box = self.page.locator(f"[data-id='{place}']").bounding_box()
            assert box is not None
            self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
            getattr(self.page.mouse, step)()

    def labels_that_overlap(self) -> list[tuple[str, str]]:
        """Pairs of labels whose boxes overlap by more than a pixel, and labels that the picture's edge cuts."""
        return [tuple(pair) for pair in self.page.evaluate(OVERLAPS)]

    def serious(self, axe: str) -> list[str]:
        """What axe finds that is serious or worse."""
        self.page.evaluate(axe)
        found: Any = self.page.evaluate("axe.run('#place')")
        return [
            f"{one['id']}: {one['help']}" for one in found["violations"] if one["impact"] in ("serious", "critical")
        ]


OVERLAPS = """
() => {
  const frame = document.querySelector("svg.sr-picture").getBoundingClientRect();
  const labels = [...document.querySelectorAll("svg.sr-picture text")].filter((one) => one.textContent)
    .map((one) => [one.textContent, one.getBoundingClientRect()]);
  const pairs = [];
  labels.forEach(([text, box], at) => {
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) pairs.push([text, "the edge"]);
    for (const [other, next] of labels.slice(at + 1)) {
      const wide = Math.min(box.right, next.right) - Math.max(box.left, next.left);
      const tall = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
      if (wide > 1 && tall > 3) pairs.push([text, other]);
    }
  });
  return pairs;
}
"""


def open_explorer(browser: Browser, explorer: Explorer, *, dark: bool = False, width: int = 900) -> ExplorerPage:
    """Draw an explorer on an empty page, in the light or the dark theme."""
    # Nothing is under way when a test looks, so that it clicks where a thing is.
    page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    def heard(message: object) -> dict[str, Any]:
        explorer._receive(None, message, [])
        return dict(explorer.scene)

    page.expose_function("send_to_python", heard)
    css = (SOURCES / "explorer.css").read_text("utf-8")
    style = DARK if dark else "background: white"
    page.set_content(
        f"<html lang='en'><head><title>explorer</title><style>{css}</style></head>"
        f"<body style='{style}'><main id='place'></main></body></html>"
    )
    page.evaluate(DRAW, [(SOURCES / "explorer.js").read_text("utf-8"), dict(explorer.scene)])
    page.locator("svg.sr-picture").wait_for()
    return ExplorerPage(page, explorer, [url for url in requests if not url.startswith(("about:", "blob:"))], errors)


def chromium_path() -> str | None:
    """Where Chromium is on this machine, or nothing."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
