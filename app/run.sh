#!/usr/bin/env bash
# Sets up, builds a release and starts EPScope; arguments are passed on.
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
bash "$here/app/setup.sh"
(cd "$here" && cmake --preset release && cmake --build --preset release --target epscope) >&2
exec "$here/build/release/bin/epscope" "$@"
