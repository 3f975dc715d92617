#!/usr/bin/env bash
# Installs what the given lists of packages name and is missing; app/packages.txt where none is given.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
[ $# -gt 0 ] || set -- "$here/packages.txt"
installed="$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p')"
missing="$(cat "$@" | grep -vxF -f <(printf '%s\n' "$installed") || true)"
[ -n "$missing" ] || exit 0
echo "Installing $(echo $missing)" >&2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q >&2
"${as_root[@]}" apt-get install -q -y --no-install-recommends $missing >&2
