"""Rules for templates that a strict Content-Security-Policy and safe output ask for, and that no linter knows."""

import re
from collections.abc import Iterator
from pathlib import Path

TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)
DJANGO = re.compile(r"{#.*?#}|{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}", re.DOTALL)
RULES = {
    "a style attribute (the policy refuses it; use a class, <progress> or an SVG attribute)": re.compile(
        r"""\sstyle\s*=""", re.IGNORECASE
    ),
    "an inline event handler (the policy refuses it; listen in a module)": re.compile(
        r"""\son[a-z]+\s*=""", re.IGNORECASE
    ),
    "an htmx attribute that needs eval": re.compile(
        r"""\shx-(on[:-]|vals\s*=\s*["']js:|vars)""", re.IGNORECASE
    ),
    "a javascript: address": re.compile(r"""=\s*["']?\s*javascript:""", re.IGNORECASE),
}
UNSAFE_OUTPUT = re.compile(r"\|\s*safe(seq)?\b|{%\s*autoescape\s+off")
SCRIPT_OR_STYLE = re.compile(r"<(script|style)\b(?![^>]*\bsrc=)(?![^>]*nonce=)[^>]*>", re.IGNORECASE)


def broken_rules(templates: Path) -> list[str]:
    """One line per violation below a directory, `path:line: what`."""
    found: list[str] = []
    for path in sorted(templates.rglob("*.html")):
        found += [f"{path}:{line}: {what}" for line, what in violations(path.read_text())]
    return found


def violations(template: str) -> Iterator[tuple[int, str]]:
    """Pairs of line and what is wrong there; comments are not looked at."""
    text = DJANGO.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), template)

    def line(position: int) -> int:
        return text.count("\n", 0, position) + 1

    for tag in TAG.finditer(text):
        for what, pattern in RULES.items():
            yield from ((line(tag.start() + found.start()), what) for found in pattern.finditer(tag[0]))
    for found in UNSAFE_OUTPUT.finditer(text):
        yield line(found.start()), "output that is not escaped"
    for found in SCRIPT_OR_STYLE.finditer(text):
        yield line(found.start()), "an inline <script> or <style> without a nonce"
