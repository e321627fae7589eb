"""The licences of everything that travels in a frozen folder: their texts, and one list with names and versions."""

import json
import shutil
from pathlib import Path

from builder.tools import ROOT, run

FILE = "licences.json"
LIST = """
import importlib.metadata, json, re
words = re.compile("(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.I)
found = []
for each in importlib.metadata.distributions():
    meta = each.metadata
    named = [path for path in each.files or () if words.search(path.name) and path.suffix not in (".py", ".pyc")]
    texts = [str(each.locate_file(path)) for path in named]
    classes = [line.rpartition(" :: ")[2] for line in meta.get_all("Classifier") or () if line.startswith("License ::")]
    free = (meta.get("License") or "").strip().partition(chr(10))[0]
    licence = meta.get("License-Expression") or ", ".join(classes) or free
    found.append({"name": meta["Name"], "version": each.version, "licence": licence, "texts": texts})
print(json.dumps(found))
"""
ONLY_TO_BUILD = {"pip", "setuptools", "wheel", "pyinstaller", "pyinstaller-hooks-contrib", "altgraph", "packaging"}


def collect(folder: Path, python: Path) -> None:
    """Copy the texts into `folder` and write the list (`licences.json`: name, version, licence, files)."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for each in sorted(json.loads(run([python, "-c", LIST])), key=lambda one: one["name"].lower()):
        if each["name"].lower() in ONLY_TO_BUILD:
            continue
        files = []
        for text in map(Path, each["texts"]):
            name = f"{each['name']}-{text.name}"
            shutil.copyfile(text, folder / name)
            files.append(name)
        listed.append({**{key: each[key] for key in ("name", "version", "licence")}, "files": files})
    shutil.copyfile(ROOT / "LICENSE", folder / "concurrency-explorer-LICENSE")
    listed.append(_python(folder, python))
    (folder / FILE).write_text(json.dumps(listed, indent=1), "utf-8")


def _python(folder: Path, python: Path) -> dict[str, object]:
    """The interpreter itself, which no distribution names."""
    where, number = run(
        [python, "-c", "import os, platform; print(os.path.dirname(os.__file__), platform.python_version())"]
    ).split()
    text = Path(where) / "LICENSE.txt"
    shutil.copyfile(text, folder / "Python-LICENSE.txt")
    return {"name": "Python", "version": number, "licence": "PSF-2.0", "files": ["Python-LICENSE.txt"]}
