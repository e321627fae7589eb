#!/bin/sh
# Write all lock files anew from pyproject.toml (needs uv; run it when a dependency changes).
# One file serves every system and every supported Python; no index is named in it, so any mirror will do.
# What is locked stays as it is while it fits; `packaging/lock.sh --upgrade` takes the newest releases.
# `python3 packaging/lock_check.py` then tries them for every system and every Python.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}
compile "$@" --output-file packaging/requirements.lock pyproject.toml
same="--constraint packaging/requirements.lock"
# shellcheck disable=SC2086
{
    compile "$@" --extra dev $same --output-file packaging/requirements-dev.lock pyproject.toml
    compile "$@" --extra cluster --group freeze $same --output-file packaging/requirements-build.lock pyproject.toml
    compile "$@" --group publish $same --output-file packaging/requirements-publish.lock
}
