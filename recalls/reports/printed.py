"""A frozen version on paper: made of its canonical JSON and of nothing else.

What is printed today is printed in ten years, whatever has been renamed, corrected or erased
meanwhile: no row is read but the version's own, no time zone and no language is asked.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from recalls.models import ScopeLine, ScopeRule, ScopeVersion
from recalls.scope import canonical_scope

_CAUSES = dict(ScopeVersion.Cause.choices)
_ROLES = dict(ScopeLine.Role.choices)
_CHANGES = dict(ScopeLine.Change.choices)
_KINDS = dict(ScopeRule.Kind.choices)
_CHUNK = 5_000


@dataclass(frozen=True)
class Printed:
    """What stands on paper, as text. `places` are (code, name, address, rows)."""

    facts: list[tuple[str, str]]
    rules: list[str]
    texts: list[str]
    notes: list[str]
    left_out: list[str]
    places: list[tuple[str, str, str, list[dict]]]


def as_json(version: ScopeVersion) -> bytes:
    """The canonical JSON; its SHA-256 is the one that was signed."""
    return canonical_scope(version, version.lines.iterator(chunk_size=_CHUNK))


def printed(version: ScopeVersion) -> Printed:
    content = as_json(version)
    return printed_from(json.loads(content), hashlib.sha256(content).hexdigest(), version.sha256)


def printed_from(scope: dict, found: str, signed: str) -> Printed:
    """The paper of one canonical scope, with the hash it gives and the one it should give."""
    is_same = "as frozen" if found == signed else f"CHANGED: its lines give {found}"
    facts = [
        # By its number, so that the paper stays what the canonical JSON says.
        *([("DRILL", "This is an exercise.")] if scope["recall"].startswith("DR-") else []),
        ("Recall", scope["recall"]),
        ("Scope version", str(scope["version"])),
        ("Cause", _CAUSES.get(scope["cause"], scope["cause"])),
        ("Frozen", _time(scope["frozen_at"])),
        ("Complete", "yes" if scope["complete"] else "no: the trace was cut short"),
        ("Lines", str(len(scope["lines"]))),
        ("SHA-256", f"{signed} ({is_same})"),
    ]
    return Printed(
        facts=facts,
        rules=[text for rule in scope["rules"] if (text := _rule(rule))],
        texts=_texts(scope["rules"]),
        notes=[note["text"] for note in scope["notes"]],
        left_out=_left_out(scope["rules"]),
        places=_places(scope["lines"]),
    )


def as_text(version: ScopeVersion) -> str:
    return text_of(printed(version))


def text_of(paper: Printed) -> str:
    """The same as plain text, in lines of any length."""
    width = max(len(name) for name, _ in paper.facts) + 2
    parts = [[f"{name:<{width}}{value}" for name, value in paper.facts]]
    for title, lines in (
        ("WHAT IT COVERS", paper.rules),
        ("OUT OF THIS TEXT", paper.texts),
        ("LEFT OUT", paper.left_out),
        ("WHAT IS NOT KNOWN", paper.notes),
    ):
        if lines:
            parts.append([title, *(f"- {line}" for line in lines)])
    parts.append(["WHERE IT IS"])
    for code, name, address, rows in paper.places:
        place = [", ".join(filter(None, [f"{code} {name}", address]))]
        for row in rows:
            place.append(f"- {row['what']}")
            place.append(f"  {row['state']}")
            place.append(f"  {row['why']}")
        parts.append(place)
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _time(text: str | None) -> str:
    if text is None:
        return "since ever"
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"


def _rule(rule: dict) -> str:
    if rule["kind"] in ("exclusion", "narrowing"):
        return ""
    batches = [f"{b['batch']} of {b['product']} from {b['origin']}" for b in rule["batches"]]
    word = rule.get("text") or _KINDS.get(rule["kind"], rule["kind"])
    return f"{word}. Batches: {', '.join(batches) or 'none'}"


def _texts(rules: list[dict]) -> list[str]:
    """The wordings that rules were read out of, each once."""
    return list(dict.fromkeys(rule["source_text"] for rule in rules if rule.get("source_text")))


def _left_out(rules: list[dict]) -> list[str]:
    """Each narrowing with what it took out, then whatever else was left out earlier."""
    narrowings = [rule for rule in rules if rule["kind"] == "narrowing"]
    named = {row["holding_id"] for rule in narrowings for row in rule["removed"]}
    lines = [text for rule in narrowings for text in _narrowing(rule)]
    return lines + [
        f"{rule['batch']} of {rule['product']} at {rule['location']}: {rule['reason']}"
        for rule in rules
        if rule["kind"] == "exclusion" and rule.get("holding") not in named
    ]


def _narrowing(rule: dict) -> list[str]:
    lines = [f"Narrowing {rule['number']}: {rule['reason']}"]
    lines += [f"No longer covered by a rule: {text}" for text in rule["rules"]]
    rows = sorted(rule["removed"], key=lambda x: (x["location_code"], x["product_code"]))
    return lines + [
        f"Taken out: {row['batch_number']} of {row['product_code']} at {row['location_code']} "
        f"{row['location_name']}, {_amount(row['due'], row['unit'])}"
        for row in rows
    ]


def _places(lines: list[dict]) -> list[tuple[str, str, str, list[dict]]]:
    def place(line: dict):
        return line["location_code"], line["location_name"], line["location_address"]

    ordered = sorted(
        lines, key=lambda x: (*place(x), x["product_code"], x["batch_number"], x["holding_id"])
    )
    return [(*key, [_row(line) for line in own]) for key, own in groupby(ordered, key=place)]


def _row(line: dict) -> dict:
    expires = f", best before {line['expires_on']}" if line["expires_on"] else ""
    gtin = f", GTIN {line['gtin']}" if line["gtin"] else ""
    amounts = ", ".join(
        f"{word} {_amount(line[name], line['unit'])}"
        for name, word in (
            ("received", "received"), ("on_hand", "on hand"), ("due", "to account for"),
        )
    )  # fmt: skip
    state = f"{_ROLES[line['role']]}; {_CHANGES[line['change']].lower()}; {amounts}"
    return {
        "what": f"{line['batch_number']} of {line['product_code']} {line['product_name']}, "
        f"made at {line['origin_code']}{gtin}{expires}",
        "state": f"{state}; affected {_affected(line['since'])}",
        "why": " > ".join(_step(step) for step in line["path"]) or "starting point",
    }


def _affected(since: str | None) -> str:
    return "since ever" if since is None else f"since {_time(since)}"


def _amount(value: str | None, unit: str) -> str:
    return "unknown" if value is None else f"{value} {unit}"


def _step(step: dict) -> str:
    source, target = step["from"], step["to"]
    return (
        f"{step['document']}: {source['batch']} at {source['location']} to "
        f"{target['batch']} at {target['location']}"
    )
