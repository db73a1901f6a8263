"""Headless Chromium as a measuring instrument: what a page looks like in the DOM, light and dark."""

from __future__ import annotations

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

from riskbounds.report.write import FLAGS, browser

NARROWEST = 500  # no window of Chromium is narrower; the page itself is
#: Appended to a copy of the page: lists everything that overflows, failed to load, or was not understood.
MEASURE = r"""
<script>
addEventListener("load", () => {
  const wide = Math.round(document.documentElement.getBoundingClientRect().width), found = [];
  const say = (what, node) =>
    found.push(what + ": " + node.tagName + " " + (node.textContent || node.alt || "").slice(0, 60));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) say("the page scrolls sideways", root);
  for (const node of document.body.querySelectorAll("*")) {
    // on a narrow page tables and formulas scroll inside their own box, which is in .wide
    if (wide < 1000 && node.closest(".wide")) {
      const own = node.closest(".wide").getBoundingClientRect();
      if (own.right > wide + 1 || own.left < -1) say("outside", node);
      continue;
    }
    const box = node.getBoundingClientRect();
    if (node.closest("math") && node.tagName !== "math") { if (box.right > wide + 1) say("outside", node); continue; }
    if (box.right > wide + 1 || box.left < -1) say("outside", node);
    if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0) say("overflows", node);
  }
  for (const image of document.images) if (!image.complete || image.naturalWidth === 0) say("not loaded", image);
  for (const math of document.querySelectorAll("math")) {
    const box = math.getBoundingClientRect();
    if (box.width < 2 || box.height < 4) say("not rendered", math);
    if (math.querySelector("merror") || /[\\{}]|undefined/.test(math.textContent)) say("not understood", math);
  }
  const rgb = value => getComputedStyle(document.body)[value].match(/\d+/g).slice(0, 3).map(Number);
  const report = { found, wide, paper: rgb("backgroundColor"), ink: rgb("color"), images: document.images.length,
    formulas: document.querySelectorAll("math").length, tables: document.querySelectorAll("table").length,
    scripts: document.scripts.length - 1,
    resources: performance.getEntriesByType("resource").map(each => each.name.slice(0, 40)) };
  const out = document.createElement("pre");
  out.id = "measured";
  out.textContent = JSON.stringify(report);
  document.body.append(out);
});
</script>
"""


def measured(page: str, folder: Path, *, dark: bool = False, width: int = 1100) -> dict[str, Any]:
    """Open a page of this width and return what the browser finds."""
    source = folder / "measured.html"
    narrow = f"<style>html {{ width: {width}px }}</style>" if width < NARROWEST else ""
    source.write_text(page.replace("</body>", f"{narrow}{MEASURE}</body>"), encoding="utf-8")
    command = [browser(), *FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={max(width, NARROWEST)},1400",
               f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--virtual-time-budget=10000", "--dump-dom",
               source.as_uri()]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    return json.loads(unescape(re.search(r'<pre id="measured">(.*?)</pre>', dom, flags=re.DOTALL).group(1)))
