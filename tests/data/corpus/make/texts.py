"""Long texts in few characters, and requests."""

import json
import re

RUN = re.compile(r"(.)\1{59,}|(..)\2{59,}|(.....)\3{59,}", re.DOTALL)


def pack(text):
    """The text, or where it holds long runs a list of its parts: a string, or [string, times]."""
    parts, end = [], 0
    for run in RUN.finditer(text):
        if text[end : run.start()]:
            parts.append(text[end : run.start()])
        one = run.group(1) or run.group(2) or run.group(3)
        parts.append([one, len(run.group(0)) // len(one)])
        end = run.end()
    if not parts:
        return text
    return parts + ([text[end:]] if text[end:] else [])


def request(call, why, body=None, status=422, code="validation_failed", errors=None, **more):
    """A call and what it is answered. A body that is no string is sent as JSON."""
    entry = {"call": pack(call), **more}
    if "headers" in more:
        entry["headers"] = [pack(line) for line in more["headers"]]
    if body is not None:
        entry["body"] = pack(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    entry["verdict"] = "accept" if status < 400 else "reject"
    entry["status"] = status
    if status >= 400 and code:
        entry["code"] = code
    if errors:
        entry["errors"] = errors
    return {**entry, "why": why}
