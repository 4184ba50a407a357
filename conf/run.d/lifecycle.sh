# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Starting, watching, stopping; and taking over what a killed supervisor left behind.

# Whoever still works for this instance was left by a supervisor that is gone (DATA is locked by now).
take_over() {
	local dir
	for dir in "$SUPER"/*/ "$RUN"/cwd/*/; do
		[ ! -d "$dir" ] || "$ROOT/conf/run.d/sweep" "${dir%/}" TERM 15
	done
	[ ! -d "$PG" ] || "$ROOT/conf/run.d/sweep" "$PG" INT 30 postgres
	# With nobody left in the cluster's folder, its pid file is stale, whoever has that number now.
	rm -f "$PG/postmaster.pid"
}

# Everything up to the first process.
prepare() {
	refuse_data
	lock_data
	take_over
	refuse_space
	refuse_port
	refuse_cluster
	refuse_schema
	refuse_demo
	install_packages run
	PG_BIN=${PG_BIN:-$(find_postgres)}
	build
	make_accounts
	make_folders
	stage
	check_config
	make_cluster
	configure_cluster
	write_environment
	define_postgres
}

# The status of an answer, asked for without any tool: a fresh machine has none.
http_status() { # path
	local line=''
	{
		exec {web}<>"/dev/tcp/$LOCAL/$PORT" || return 1
		printf 'GET %s HTTP/1.0\r\nHost: %s:%s\r\n\r\n' "$1" "$LOCAL" "$PORT" >&"$web"
		read -r -t 5 line <&"$web" || :
		exec {web}>&-
	} 2>/dev/null
	line=${line#* }
	echo "${line%% *}"
}

all_ready() { [ "$(http_status /api/health)" = 200 ] && [ "$(http_status /)" = 200 ]; }

say_ready() {
	local who="this machine only" moved=''
	[ "$LOCAL" = "$LISTEN" ] || [ "$LISTEN" = "[$LOCAL]" ] || who="everybody who reaches this machine"
	[[ $LOCAL == 127.* || $LOCAL == ::1 ]] || who="everybody who reaches $LOCAL"
	[ "$DATA" = "$WANTED" ] || moved=" (its accounts cannot reach $WANTED)"
	local password=''
	[ ! -f "$DATA/admin-password" ] || password="; administrator: $ADMIN_LOGIN, its first password is in $DATA/admin-password"
	[ ! -f "$DATA/demo-password" ] || password+="; sample: ada (and others), password in $DATA/demo-password"
	say "ready at $(public_address), for $who; data in $DATA$moved$password"
}

public_address() {
	echo "${SETTING[public_url]:-$URL}"
}

warn_if_open() {
	[[ $LOCAL == 127.* || $LOCAL == ::1 ]] && [ "$LISTEN" != 0.0.0.0 ] && [ "$LISTEN" != '[::]' ] && return 0
	say "warning: LISTEN=$LISTEN opens Parley to others, and plain HTTP carries passwords in clear: put a TLS proxy in front"
	[ "${SETTING[registration]}" != open ] || say "warning: registration is open to everybody who reaches it"
}

start() {
	decide_place
	decide_address
	prepare
	trap 'ASKED=1' INT TERM HUP
	trap stop_all EXIT
	supervise postgres
	define_services
	await_database
	migrate
	refuse_connections
	first_admin
	add_demo
	printf '%s\n' $$ "$URL" >"$DATA/running"
	local name
	for name in $(services '*'); do [ "$name" = postgres ] || supervise "$name"; done
	until_true 600 all_ready_or_asked || die start "not ready after 60 s: $(not_up); see $LOG"
	if [ -z "${ASKED:-}" ]; then
		warn_if_open
		say_ready
		watch
	fi
	say "stopping"
}

not_up() {
	local name
	for name in $(services '*'); do service_up "$name" || echo "$name is down"; done
}

all_ready_or_asked() { [ -n "${ASKED:-}" ] || all_ready; }

# A supervisor that dies is started again; its service went with it.
watch() {
	local pid name
	while [ -z "${ASKED:-}" ]; do
		wait -n -p pid 2>/dev/null || :
		# Nothing died: a signal ended the wait.
		[[ -n ${pid:-} && -n ${SUPERVISORS[$pid]:-} ]] || continue
		name=${SUPERVISORS[$pid]}
		unset "SUPERVISORS[$pid]"
		[ -z "${ASKED:-}" ] || break
		say "the supervisor of $name was killed; starting both again"
		supervise "$name"
	done
}
