# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The services under runit's supervision: a folder each below SUPER, with a run script and a log.
#
# A service works in a folder of its own (so that what is left of an earlier life is found), as its account, without a way
# to more rights, and dies with its supervisor.

# The environment of all services: the parameters, and nothing else of ours. Memory that a call has freed is kept for the
# next: given back each time, as malloc does from 128 KiB on, its pages cost a PostgreSQL backend more than a message does.
write_environment() {
	{
		echo 'export LANG=C.UTF-8 LIBFCGI_OS_CLOSE_POLL_TIMEOUT=100 MALLOC_TRIM_THRESHOLD_=8388608 MALLOC_MMAP_THRESHOLD_=1048576'
		printf 'export %q\n' "PGPASSFILE=$DATA/secret/pgpass" "PATH=$PATH"
		env | grep -E '^(PARLEY|ASAN|UBSAN|LSAN|TSAN)_' | while IFS= read -r pair; do printf 'export %q\n' "$pair"; done
	} >"$SUPER/environment"
}

FILES=$(ulimit -H -n)

service() { # name account working-folder stop-signal command…
	local name=$1 account=$2 cwd=$3 signal=$4 dir=$SUPER/$1 command drop log sweep at
	shift 4
	printf -v command '%q ' "$@"
	printf -v sweep '%q ' "$RELEASE/run.d/sweep" "$cwd" "$signal" 10 "${1##*/}"
	printf -v at '%q' "$cwd"
	printf -v log '%q' "$LOG/$name"
	mkdir -p "$dir/log" "$dir/control"
	if [ "$cwd" = "$PG" ]; then folders "$account" 0750 "$LOG/$name"; else folders "$account" 0750 "$LOG/$name" "$cwd"; fi
	drop_to "$account"
	drop=${DROP[*]:-}
	printf '%s\n' '#!/bin/sh' "$drop sh -c 'printf \"s10000000\\nn10\\n\" >\"\$1\"/config' - $log" \
		"exec $drop svlogd -l 16000 -b 32768 $log" >"$dir/log/run"
	# A port below 1024 is the one right that the web server needs besides.
	if [ -n "$drop" ] && [ "$name" = nginx ] && [ "$PORT" -lt 1024 ]; then
		drop+=' --inh-caps=+net_bind_service --ambient-caps=+net_bind_service'
	fi
	# A log that a service opens by name is the pipe to svlogd, which the account must own for that.
	printf '%s\n' '#!/bin/sh' 'exec 2>&1' ". $SUPER/environment" "cd $at || exit 1" \
		"ulimit -n $FILES" "${AS_ROOT:+chown $account /proc/self/fd/1}" \
		"exec $drop setpriv --pdeathsig $signal -- $command" >"$dir/run"
	# What it leaves when it was killed ends before it is started again.
	printf '%s\n' '#!/bin/sh' "exec $sweep" >"$dir/finish"
	# The service's own way to end soon and in order.
	printf '%s\n' '#!/bin/sh' "read -r pid <supervise/pid && kill -s $signal \"\$pid\"" >"$dir/control/t"
	chmod 755 "$dir/run" "$dir/log/run" "$dir/finish" "$dir/control/t"
}

define_postgres() { service postgres "$DB_USER" "$PG" INT "$PG_BIN/postgres" -c "config_file=$PG_CONF/postgresql.conf"; }

define_services() {
	local program relay hsts=()
	[[ ${SETTING[public_url]} != https:* ]] || hsts=(--hsts)
	# shellcheck disable=SC2153  # set in base.sh
	for program in $PROGRAMS; do
		[ ! -x "$RELEASE/bin/$program.fcgi" ] || service "$program" "$WEB_USER" "$RUN/cwd/$program" TERM \
			"$RELEASE/bin/$program.fcgi" --config "$CONFIG" --socket "$RUN/$program.sock"
	done
	for relay in "${RELAYS[@]}"; do
		service "relay-$relay" "$WEB_USER" "$RUN/cwd/relay-$relay" TERM \
			"$RELEASE/bin/relay" --config "$CONFIG" --name "$relay" --socket "$RUN/relay-$relay.sock"
	done
	"$RELEASE/nginx/render" --listen "$PARLEY_LISTEN" --run "$RUN" --www "$RELEASE/www" --relays "${RELAYS[*]}" \
		--body-max "${SETTING[body_max_bytes]}" --trusted "${SETTING[trusted_proxies]}" "${hsts[@]}" \
		>"$RUN/nginx/nginx.conf"
	service nginx "$WEB_USER" "$RUN/cwd/nginx" TERM \
		nginx -p "$RUN/nginx" -e stderr -c "$RUN/nginx/nginx.conf" -g 'daemon off;'
}

# --- supervision ----------------------------------------------------------------------------------------------------

declare -A SUPERVISORS=() # pid → service

# A session of its own keeps the terminal's Ctrl-C from it; it ends when this script does, however that ends.
supervise() { # service
	(
		exec {LOCK}>&-
		cd "$SUPER/$1" || exit 1
		exec env -i PATH="$PATH" setpriv --pdeathsig TERM setsid runsv "$SUPER/$1"
	) >>"$LOG/supervisor.log" 2>&1 &
	SUPERVISORS[$!]=$1
}

# At each turn of whatever waits: all ends with DATA; a supervisor that died is started again (its service went with it).
look_after() {
	local pid name
	owned || die data "$DATA was removed: stopping"
	for pid in "${!SUPERVISORS[@]}"; do
		name=${SUPERVISORS[$pid]}
		! kill -0 "$pid" 2>/dev/null || continue
		[ -d "$SUPER/$name" ] || die start "$SUPER was removed: stopping"
		say "the supervisor of $name was killed; starting both again"
		unset "SUPERVISORS[$pid]"
		"$SUPER/$name/finish"
		supervise "$name"
	done
}

services() { # pattern
	local run
	for run in "$SUPER"/$1/run; do
		run=${run%/run}
		[ ! -d "$run" ] || echo "${run##*/}"
	done
}

service_up() { [ "$(cat "$SUPER/$1/supervise/stat" 2>/dev/null)" = run ]; }

stop_services() { # seconds pattern…
	local seconds=$1 names=()
	shift
	for pattern in "$@"; do mapfile -t -O "${#names[@]}" names < <(services "$pattern"); done
	[ ${#names[@]} -eq 0 ] || SVDIR=$SUPER sv -w "$seconds" force-stop "${names[@]}" >/dev/null 2>&1 || :
}

# In the order that loses nothing: who talks to people, who answers them, the door, the store.
stop_in_order() {
	local list
	read -ra list <<<"$PROGRAMS"
	stop_services 15 'relay-*'
	stop_services 15 "${list[@]}"
	stop_services 5 nginx
	stop_services 60 postgres
	rm -f "$DATA/running"
}

# Where DATA is there again and another's, so are RUN and SUPER.
stop_all() {
	trap '' INT TERM HUP
	! owned || stop_in_order
	[ ${#SUPERVISORS[@]} -eq 0 ] || kill "${!SUPERVISORS[@]}" 2>/dev/null || :
	# A second signal that came with the first ends a wait before its time.
	while [ -n "$(jobs -pr)" ]; do wait || :; done
	if owned || [ ! -e "$DATA/lock" ]; then rm -rf "$RUN" "$SUPER"; fi
	leave_nothing
}
