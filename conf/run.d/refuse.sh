# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What is judged before anything is installed, made or started: one line and an exit code each.

refuse_data() {
	local parent=$DATA
	until [ -e "$parent" ]; do parent=$(dirname "$parent"); done
	[ -d "$parent" ] || die data "$parent is not a folder: choose another DATA"
	if [ "$parent" = "$DATA" ]; then
		[ "$(stat -c %u "$DATA")" = "$(id -u)" ] ||
			die data "$DATA belongs to $(stat -c %U "$DATA"), not to you: start as that account, or choose another DATA"
	fi
	[[ -w $parent && -x $parent ]] || die data "$parent is not writable for $(id -un): choose another DATA"
	[ "$parent" = "$DATA" ] || FRESH=$parent
	mkdir -p "$DATA" 2>/dev/null || die data "$DATA cannot be made: choose another DATA"
}

# Set when this start made DATA: the folder that was there before.
FRESH=''

keep_data() { FRESH=''; }

# A start that did not come as far as a database leaves nothing of a DATA that it made.
leave_nothing() {
	if [[ -z $FRESH || -d $PG ]] || ! owned; then return 0; fi
	rm -rf "$DATA"
	(cd "$FRESH" && rmdir -p --ignore-fail-on-non-empty "$(dirname "${DATA#"${FRESH%/}/"}")" 2>/dev/null) || :
}

# Whether DATA is still the one that was locked: neither removed nor made anew.
owned() { [ "$DATA/lock" -ef "/proc/$$/fd/${LOCK:-none}" ]; }

# Held by this process alone (never by what it starts), so it ends with it, however that ends.
lock_data() {
	(umask 077 && : >>"$DATA/lock")
	exec {LOCK}<>"$DATA/lock"
	if ! flock -n "$LOCK"; then
		local pid='' url=''
		keep_data
		{ read -r pid && read -r url; } <"$DATA/running" 2>/dev/null || :
		die running "already running on $DATA${pid:+: process $pid${url:+ at $url}}"
	fi
}

refuse_space() {
	local free
	free=$(df -Pk "$DATA" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge 1048576 ] || die space "only $((free / 1024)) MiB are free at $DATA, and 1 GiB is the least"
}

# The listening socket that is in the way: "inode uid", from /proc/net/tcp and tcp6 (addresses there are hexadecimal words
# in the machine's byte order).
listener_at() { # address port
	local own
	case $1 in
	*:*) own='' ;; # IPv6: any listener on the port counts
	*) own=$(IFS=. read -r a b c d <<<"$1" && printf '%02X%02X%02X%02X' "$d" "$c" "$b" "$a") ;;
	esac
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf '%04X' "$2")" -v own="$own" '
		$4 == "0A" {
			split($2, at, ":")
			if (at[2] != port) next
			any = at[1] ~ /^0+$/ || own == "" || own == "00000000"
			if (any || at[1] == own) { print $10, $8; exit }
		}'
}

refuse_port() {
	local inode uid pid holder
	read -r inode uid < <(listener_at "$LISTEN" "$PORT") || return 0
	pid=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | head -n 1 | cut -d / -f 3) || :
	holder="a process of $(getent passwd "$uid" | cut -d : -f 1)"
	[ -z "$pid" ] || holder="process $pid ($(cat "/proc/$pid/comm" 2>/dev/null))"
	die port "port $PORT is taken by $holder: choose another with PORT=…"
}

# The binaries that fit the cluster, or the newest where there is none yet.
refuse_cluster() {
	local major
	if [ -f "$PG/PG_VERSION" ]; then
		major=$(cat "$PG/PG_VERSION")
		PG_BIN=$(find_postgres "$major")
		[ -n "$PG_BIN" ] ||
			die cluster "$PG was made by PostgreSQL $major, which is not installed: install postgresql-$major, or back up there and restore here"
	fi
}

find_postgres() { # [major]
	{ compgen -G "/usr/lib/postgresql/${1:-*}/bin/postgres" || :; } | sort -rV | sed -n '1s|/postgres$||p'
}

refuse_demo() {
	[[ -z ${DEMO:-} || ! -d $PG || -f $DATA/demo-password || -f $DATA/demo-password.new ]] ||
		die state "DEMO=1 goes into an empty DATA only, and there is a database in $DATA: choose another DATA"
}

# As far as it is known without a running database; migrations/apply.sh judges again.
refuse_schema() {
	local there known
	there=$(cat "$DATA/schema" 2>/dev/null || echo 0)
	known=$(schema_known)
	[ "$there" -le "$known" ] ||
		die schema "the database in $DATA has schema $there, this version of Parley knows $known: upgrade it"
}

schema_known() { find "$ROOT/migrations" -name '[0-9]*_*.sql' -printf '%f\n' | sort | tail -n 1 | sed 's/_.*//; s/^0*//'; }
