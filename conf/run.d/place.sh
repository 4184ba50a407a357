# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Where things are.
#
#   DATA     what lasts: pg/ pg-conf/ log/ secret/ release/ (the staged copy), admin-password, clone (whose data it is), lock.
#            Owned by whoever starts: where root writes, no account that listens may put a link.
#   RUN      sockets and what goes with the start: short, because a socket's path may have 107 bytes; 0750, the web
#            account's
#   SUPER    run scripts and supervision, which root executes: root's alone
#
# Started as root from a place the accounts cannot reach, DATA becomes a folder under /var/lib/parley/.
# shellcheck disable=SC2034  # the other parts use what is set here

STATE=/var/lib/parley

# True when others may pass through every folder above the path, as far as there are any.
reachable() {
	local dir mode
	dir=$(dirname "$1")
	while :; do
		if [ -d "$dir" ]; then
			mode=$(stat -c %a "$dir")
			((8#$mode & 1)) || return 1
		fi
		[ "$dir" != / ] || return 0
		dir=$(dirname "$dir")
	done
}

runtime_folder() {
	if [ -n "$AS_ROOT" ]; then
		echo "/run/parley-$ID"
	elif [ -n "${XDG_RUNTIME_DIR:-}" ] && [ -w "$XDG_RUNTIME_DIR" ] && [ ${#XDG_RUNTIME_DIR} -lt 40 ]; then
		echo "$XDG_RUNTIME_DIR/parley-$ID"
	else
		echo "/tmp/parley-$(id -u)-$ID"
	fi
}

decide_place() {
	local wanted=${DATA:-var}
	[[ $wanted == /* ]] || wanted=$ROOT/$wanted
	WANTED=$(realpath -m -- "$wanted")
	DATA=$WANTED
	if [ -n "$AS_ROOT" ] && ! reachable "$DATA/pg"; then
		DATA=$STATE/$(basename "$ROOT")-$(hash_of "$WANTED")
	fi
	ID=$(hash_of "$DATA")
	RUN=$(runtime_folder)
	SUPER=$RUN.super
	RELEASE=$DATA/release
	PG=$DATA/pg
	PG_CONF=$DATA/pg-conf
	LOG=$DATA/log
}

decide_address() {
	local listen=${PARLEY_LISTEN:-}
	[ -n "$listen" ] || listen=$(config_line listen)
	listen=${listen:-127.0.0.1:8080}
	PORT=${PORT:-${listen##*:}} LISTEN=${LISTEN:-${listen%:*}}
	[[ $PORT =~ ^[1-9][0-9]{0,4}$ && $PORT -le 65535 ]] ||
		die usage "PORT=$PORT: expected a number from 1 to 65535"
	[[ $LISTEN =~ ^([0-9.]+|\[[0-9a-fA-F:.]+\])$ ]] ||
		die usage "LISTEN=$LISTEN: expected an IPv4 address, or an IPv6 address in brackets"
	export PARLEY_LISTEN=$LISTEN:$PORT
	URL=http://$LISTEN:$PORT/
	LOCAL=$LISTEN
	case $LISTEN in
	0.0.0.0) LOCAL=127.0.0.1 URL=http://$(uname -n):$PORT/ ;;
	'[::]') LOCAL=::1 URL=http://$(uname -n):$PORT/ ;;
	esac
	LOCAL=${LOCAL#[} LOCAL=${LOCAL%]}
}

config_file() {
	if [ -f "$DATA/parley.conf" ]; then echo "$DATA/parley.conf"; else echo "$ROOT/conf/parley.conf"; fi
}

# A key's line in the file, before there is a program to ask.
config_line() {
	sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*\([^#]*[^#[:space:]]\).*/\1/p" "$(config_file)" 2>/dev/null | tail -n 1
}

# Folders of an account, made or brought back to what they must be.
folders() { # account mode path…
	local account=$1 mode=$2
	shift 2
	if [ -n "$AS_ROOT" ]; then
		install -d -m "$mode" -o "$account" -g "$account" "$@"
	else
		install -d -m "$mode" "$@"
	fi
}

# The instance is noted, so that its accounts stay as long as it is there.
make_accounts() {
	local account group
	mkdir -p "$STATE/instances"
	echo "$DATA" >"$STATE/instances/$ID"
	for account in "$WEB_USER" "$DB_USER"; do
		if ! getent passwd "$account" >/dev/null; then
			say "making the system account $account"
			group=(--user-group)
			! getent group "$account" >/dev/null || group=(--gid "$account")
			useradd --system "${group[@]}" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$account"
			echo "$account" >>"$STATE/accounts"
		fi
	done
	# The database's socket is the web account's to use, and lies in its folder.
	id -nG "$DB_USER" | tr ' ' '\n' | grep -qx "$WEB_USER" || usermod -aG "$WEB_USER" "$DB_USER"
}

# Anew for each start, and gone with it. The link says whose they are: see forget_lost.
make_folders() {
	trap stop_all EXIT
	rm -rf "$RUN" "$SUPER"
	(umask 077 && mkdir "$RUN" "$SUPER") || die start "$RUN is another's: remove it"
	ln -s "$DATA/lock" "$SUPER/lock"
	folders "$WEB_USER" 0750 "$RUN" "$RUN/cwd" "$RUN/nginx"
	folders "$DB_USER" 0750 "$RUN/pg"
	if [ -n "$AS_ROOT" ]; then chgrp "$WEB_USER" "$RUN/pg"; fi
	install -d -m 0755 "$DATA" "$LOG"
	echo "$ROOT" >"$DATA/clone"
	install -d -m 0750 -g "$(id -gn "$WEB_USER")" "$DATA/secret"
}
