#!/bin/sh
# Write both lock files anew from pyproject.toml (needs uv; run it when a dependency changes).
# One file serves every system and every supported Python; no index is named in it, so any mirror will do.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@" pyproject.toml
}
compile --output-file packaging/requirements.lock
compile --extra dev --constraint packaging/requirements.lock --output-file packaging/requirements-dev.lock
