#!/usr/bin/env bash
# Sets up, builds everything and runs all tests. Another preset, one folder's suites alone:
# bash tests/run.sh asan core [ctest arguments].
set -euo pipefail
cd "$(dirname "$0")/.."
bash app/setup.sh app/packages.txt tests/packages.txt
preset="${1:-dev}"
folder="${2:-}"
shift "$(($# < 2 ? $# : 2))"
cmake --preset "$preset"
cmake --build --preset "$preset" ${folder:+--target "$folder"}
ctest --preset "$preset" ${folder:+-R "^${folder}_"} "$@"
