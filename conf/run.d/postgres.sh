# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The private cluster: made once, its configuration written anew at each start, its schema brought to this version.
# Who may connect: the owner postgres by peer (as the database's account or as whoever starts Parley), each program's role
# by password, nobody else.

psql_owner() { # arguments of psql
	PGOPTIONS="-c client_min_messages=warning" "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$RUN/pg" -U postgres "$@"
}

make_cluster() {
	[ ! -f "$PG/PG_VERSION" ] || return 0
	say "making a database cluster in $PG"
	rm -rf "$PG.new"
	folders "$DB_USER" 0700 "$PG.new"
	drop_to "$DB_USER"
	(cd / && "${DROP[@]}" "$PG_BIN/initdb" -D "$PG.new" -U postgres --encoding=UTF8 --locale=C.UTF-8 \
		--data-checksums --auth-local=peer --auth-host=reject >"$DATA/initdb.log" 2>&1) ||
		die start "initdb failed: $(tail -n 1 "$DATA/initdb.log")"
	mv "$PG.new" "$PG"
}

# Its configuration lies in a folder of whoever starts Parley, not in the cluster's own, where the account that serves the
# network could change it.
configure_cluster() {
	local roles program
	roles=
	for program in $PROGRAMS relay worker; do roles+=${roles:+,}${SETTING[role_prefix]}$program; done
	mkdir -p "$PG_CONF"
	cp "$ROOT/conf/postgresql.conf" "$PG_CONF/postgresql.conf"
	printf '%s\n' "data_directory = '$PG'" "hba_file = '$PG_CONF/pg_hba.conf'" "ident_file = '$PG_CONF/pg_ident.conf'" \
		"unix_socket_directories = '$RUN/pg'" "unix_socket_group = '$(id -gn "$WEB_USER")'" >>"$PG_CONF/postgresql.conf"
	printf '%s\n' 'local all    postgres peer map=owner' "local parley $roles scram-sha-256" >"$PG_CONF/pg_hba.conf"
	printf 'owner %s postgres\n' "$DB_USER" "$(id -un)" | sort -u >"$PG_CONF/pg_ident.conf"
	chmod 0755 "$PG_CONF"
	chmod 0644 "$PG_CONF"/*
}

database_answers() { psql_owner -d postgres -c '' 2>/dev/null; }

# Waits for a cluster that may have a crash to recover from, as long as it says so.
await_database() {
	until_true 60 database_answers || die start "PostgreSQL does not answer; see $LOG/postgres/current"
}

# What the start wants to know of the database, in one question: whether it is there and its functions are of this version
# (then the roles and tables are too), the connections it allows, and how the first administrator stands (none, true: the
# given password still has to be changed, false). Sets DEPLOYED, MAX_CONNECTIONS, ADMIN_STATE.
# shellcheck disable=SC2034  # for the other parts
ask_database() {
	local answer
	answer=$(psql_owner -d parley -F ' ' 2>/dev/null <<'SQL'
SELECT regexp_replace(coalesce(obj_description('api'::regnamespace, 'pg_namespace'), '-'), ' ', '_', 'g'),
       current_setting('max_connections'),
       (SELECT coalesce(bool_or(k.must_change_password)::text, 'none') FROM parley.account a
          JOIN parley.credential k ON k.account_id = a.id WHERE a.admin AND a.deactivated IS NULL);
SQL
	) || answer='- 0 none'
	read -r DEPLOYED MAX_CONNECTIONS ADMIN_STATE <<<"$answer"
}

migrate() {
	local code=0 prefix=${SETTING[role_prefix]} wanted
	wanted=$("$ROOT/migrations/apply.sh" --prefix "$prefix" --fingerprint)
	ask_database
	[ "$DEPLOYED" != "${wanted// /_}" ] || [ ! -s "$DATA/secret/pgpass" ] || return 0
	[ -n "$(psql_owner -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'parley'")" ] ||
		psql_owner -d postgres -c 'CREATE DATABASE parley TEMPLATE template0'
	PATH=$PG_BIN:$PATH "$ROOT/migrations/apply.sh" --quiet --dsn "host=$RUN/pg user=postgres dbname=parley" \
		--prefix "$prefix" --pgpass "$DATA/secret/pgpass" || code=$?
	case $code in
	0) ;;
	14) die schema "the database in $DATA cannot be used by this version of Parley" ;;
	*) die start "the migration failed" ;;
	esac
	if [ -n "$AS_ROOT" ]; then chown "$WEB_USER:$WEB_USER" "$DATA/secret/pgpass"; fi
	psql_owner -d parley -c 'SELECT max(number) FROM parley.migration' >"$DATA/schema"
	ask_database
}

refuse_connections() {
	((CONNECTIONS <= MAX_CONNECTIONS - 10)) ||
		die connections "the programs are configured for $CONNECTIONS database connections, and there are $MAX_CONNECTIONS, of which 10 are kept: lower *_workers or relays"
}
