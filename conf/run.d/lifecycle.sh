# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Starting, watching, stopping; and taking over what a killed supervisor left behind.

end_left() { # RUN of an instance
	local dir
	for dir in "$1.super"/*/ "$1"/cwd/*/; do
		[ ! -d "$dir" ] || "$ROOT/conf/run.d/sweep" "${dir%/}" TERM 15
	done
}

# Whoever still works for this instance was left by a supervisor that is gone (DATA is locked by now).
take_over() {
	end_left "$RUN"
	[ ! -d "$PG" ] || "$ROOT/conf/run.d/sweep" "$PG" INT 30 postgres
	# With nobody left in the cluster's folder, its pid file is stale, whoever has that number now.
	rm -f "$PG/postmaster.pid"
}

# What other instances left whose DATA is gone, so that no start will take it over. Data is never removed: that of a clone
# which is gone is named.
forget_lost() {
	local super file place clone
	for super in "${RUN%-*}"-*.super; do
		[[ -O $super && -L $super/lock && ! -e $super/lock ]] || continue
		end_left "${super%.super}"
		rm -rf "${super%.super}" "$super"
	done
	[ -n "$AS_ROOT" ] || return 0
	for file in "$STATE"/instances/*; do
		read -r place 2>/dev/null <"$file" || continue
		clone=$(cat "$place/clone" 2>/dev/null) || clone=$ROOT
		if [ ! -d "$place" ]; then
			rm -f "$file"
		elif [[ $place == "$STATE"/* && ! -d $clone ]]; then
			say "the data of $clone, which is gone, is still in $place: 'DATA=$place make purge' removes it"
		fi
	done
}

# Everything up to the first process.
prepare() {
	refuse_data
	trap leave_nothing EXIT
	lock_data
	take_over
	forget_lost
	refuse_space
	refuse_port
	refuse_cluster
	refuse_schema
	refuse_demo
	install_packages run
	PG_BIN=${PG_BIN:-$(find_postgres)}
	build
	stage
	check_config
	[ -z "$AS_ROOT" ] || alone make_accounts
	make_folders
	want_demo
	make_cluster
	configure_cluster
	write_environment
	define_postgres
}

# An answer, head and all, asked for without any tool: a fresh machine has none.
http_get() { # path
	local answer=''
	{
		exec {web}<>"/dev/tcp/$LOCAL/$PORT" || return 1
		printf 'GET %s HTTP/1.0\r\nHost: %s:%s\r\n\r\n' "$1" "$LOCAL" "$PORT" >&"$web"
		read -r -t 5 -d '' answer <&"$web" || :
		exec {web}>&-
	} 2>/dev/null
	printf '%s' "$answer"
}

# The pages, the programs, the database, and every relay.
all_ready() {
	[[ $(http_get /api/health) =~ ^HTTP/[0-9.]+\ 200\ .*\"relays\":([0-9]+) ]] && ((BASH_REMATCH[1] >= ${#RELAYS[@]})) &&
		[[ $(http_get /) =~ ^HTTP/[0-9.]+\ 200\  ]]
}

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
	trap 'say stopping; exit 0' INT TERM HUP
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
	until_true 60 all_ready || die start "not ready after 60 s: $(not_up); see $LOG"
	warn_if_open
	say_ready
	while :; do
		sleep 1 &
		wait $! || :
		look_after
	done
}

not_up() {
	local name
	for name in $(services '*'); do service_up "$name" || echo "$name is down"; done
}
