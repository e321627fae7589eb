"""Write the parts of README.md that derive from the code: the complete scenario and the tables of features and knobs.

python packaging/readme.py            # rewrite README.md
python packaging/readme.py --check    # exit status 1 if it is out of date
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pydantic.fields import FieldInfo  # noqa: E402  # the checkout must be on the path first

from explorer.catalog import SECTIONS, Catalog  # noqa: E402
from explorer.options import EFFECT_WORDS, Knobs, bounds_of, extra  # noqa: E402
from explorer.own_app import AppKnobs, RouteKnobs  # noqa: E402
from explorer.scenario import LoadKnobs, ServerKnobs, parse  # noqa: E402

TITLES = {"model": "Models", "dispatch": "Dispatch", "workload": "Workloads"}


def readme(text: str) -> str:
    """`text` with its derived parts written anew."""
    catalog = Catalog()
    text = _between(text, "scenario", f"```toml\n{_scenario(catalog)}```")
    return _between(text, "features", _features(catalog))


def _between(text: str, mark: str, new: str) -> str:
    before, _, rest = text.partition(f"<!-- {mark} -->\n")
    _, _, after = rest.partition(f"<!-- /{mark} -->")
    return f"{before}<!-- {mark} -->\n{new}\n<!-- /{mark} -->{after}"


def _scenario(catalog: Catalog) -> str:
    data = {
        "name": "Tokens against users",
        "load": {"users": 100, "phase": [{"at": 10.0, "users": 200, "ramp": 2.0}]},
        "also": [{"share": 0.1, "workload": "cpu_python"}],
    }
    return parse(catalog, data).to_toml()


def _features(catalog: Catalog) -> str:
    parts = []
    for section in SECTIONS:
        parts.append(f"**{TITLES[section]}**\n\n| id | what it is | knobs |\n| --- | --- | --- |")
        parts += [
            f"| `{one.id}` | {one.summary} | {_knobs(section, one.knobs) or '–'} |" for one in catalog.all(section)
        ]
        parts.append("")
    groups: dict[str, type[Knobs]] = {
        "[server]": ServerKnobs,
        "[load]": LoadKnobs,
        "[app]": AppKnobs,
        "[[app.route]]": RouteKnobs,
    }
    for table, group in groups.items():
        parts.append(
            f"**Knobs of `{table}`**\n\n| key | default | bounds | change | meaning |\n| --- | --- | --- | --- | --- |"
        )
        parts += [_row(key, field) for key, field in group.model_fields.items()]
        parts.append("")
    return "\n".join(parts).rstrip()


def _knobs(section: str, group: type[Knobs]) -> str:
    return ", ".join(f"`{section}.{key}` = {_value(field)}" for key, field in group.model_fields.items())


def _row(key: str, field: FieldInfo) -> str:
    change = EFFECT_WORDS[extra(field, "effect")]
    return f"| `{key}` | {_value(field)} | {bounds_of(field) or '–'} | {change} | {field.description} |"


def _value(field: FieldInfo) -> str:
    value = field.default
    text = (
        ""
        if value == {}
        else str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
    unit = extra(field, "unit")
    return f"{text or 'empty'} {unit}" if unit else text or "empty"


def main(arguments: list[str]) -> int:
    """Rewrite or check; the exit status."""
    file = ROOT / "README.md"
    old = file.read_text(encoding="utf-8")
    new = readme(old)
    if "--check" in arguments:
        if new != old:
            print("README.md is out of date; run: python packaging/readme.py")
        return int(new != old)
    file.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
