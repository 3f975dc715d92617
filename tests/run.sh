#!/usr/bin/env bash
# Sets up, builds everything and runs all tests. Another preset: bash tests/run.sh asan [ctest arguments].
set -euo pipefail
cd "$(dirname "$0")/.."
bash app/setup.sh
preset="${1:-dev}"
[ $# -eq 0 ] || shift
cmake --preset "$preset"
cmake --build --preset "$preset"
ctest --preset "$preset" "$@"
