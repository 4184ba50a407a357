# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What every part uses: saying, failing, the exit codes, and running something as another account.
# shellcheck disable=SC2034  # the other parts use what is set here

# The exit codes, as the head of conf/run lists them.
declare -A EXIT=(
	[running]=1 [port]=10 [data]=11 [space]=12 [cluster]=13 [schema]=14 [packages]=15 [build]=16 [start]=17
	[connections]=18 [state]=19 [usage]=64 [config]=78
)

# The accounts that listen. Without root there is one for all.
if [ "$(id -u)" = 0 ]; then
	AS_ROOT=1 WEB_USER=parley DB_USER=parley-db
else
	AS_ROOT='' WEB_USER=$(id -un) DB_USER=$(id -un)
fi

FLAVOUR=release
[ -z "${SANITIZE:-}" ] || FLAVOUR=sanitize
PROGRAMS='login groups history media search admin'

say() { printf 'parley: %s\n' "$*"; }

die() { # a name of EXIT, what to say
	local code=${EXIT[$1]}
	shift
	printf 'parley: %s\n' "$*" >&2
	exit "$code"
}

# until_true SECONDS COMMAND…: waits for a state, at most so long; fails when it did not come. Ends everything where waiting
# on is of no use.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		look_after
		sleep 0.05
	done
}

# The words before a command that make it run as an account, without a way back to more rights: in the array DROP.
drop_to() { # account
	DROP=()
	[ -z "$AS_ROOT" ] || DROP=(setpriv "--reuid=$1" "--regid=$1" --init-groups --no-new-privs)
}

# Runs a command while no other instance makes or removes what all share on this machine.
alone() { # command…
	local shared
	exec {shared}</var/lib
	flock "$shared"
	"$@"
	exec {shared}<&-
}

hash_of() { printf '%s' "$1" | sha256sum | cut -c 1-8; }

random_text() { # length
	# Without letters and digits that look alike.
	local text
	text=$(head -c 1024 /dev/urandom | base64 -w 0 | LC_ALL=C tr -dc 'a-km-zA-HJ-NP-Z2-9')
	echo "${text:0:$1}"
}
