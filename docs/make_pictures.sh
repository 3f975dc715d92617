#!/usr/bin/env bash
# Draws the pictures of README and docs with the program itself: bash docs/make_pictures.sh
set -euo pipefail
cd "$(dirname "$0")/.."
bash app/run.sh --version # builds it where that has not been done
export FONTCONFIG_FILE="$PWD/build/release/tests/fonts/dejavu.conf" # the same letters on each machine
render() { bash app/run.sh render "$@"; }
mkdir -p docs/pictures
for theme in light dark; do
    render --study explore --view window --size 1440x900 --theme "$theme" -o "docs/pictures/window-$theme.png"
done
for view in pareto breakdown timeline sweep memory; do
    render --study explore --view "$view" --size 960x540 -o "docs/pictures/$view.png"
done
render --study calibrated --view validation --size 960x540 -o docs/pictures/validation.png
render --study docs/what-if.yaml --scenario "Twice the network" --baseline "As built" --view window --size 1440x900 -o docs/pictures/baseline.png
render --study docs/what-if.yaml --scenario "Twice the network" --baseline "As built" --view presentation --size 1440x810 -o docs/pictures/presentation.png
render --study docs/what-if.yaml --view compare --size 1120x430 -o docs/pictures/compare.png
