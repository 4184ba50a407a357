#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Brings a database to this version of Parley: roles, then migrations/NNNN_*.sql, then the functions and grants of sql/.
#
# Invariants:
#   * Safe to run twice, and from two hosts at once: roles (which belong to the cluster) are made under an advisory lock
#     in the database postgres, everything else under one in the database itself.
#   * A migration runs once, in a transaction of its own that also records its checksum.
#   * Functions are dropped and made anew in one transaction: callers see the old set or the new one. It is left out where
#     the stored fingerprint says that this very set is in place.
#   * Migrations wait 200 ms at most for a lock and are tried again, so that a deploy never queues everybody behind itself.
#
# Refuses, with its own exit code: 14 a schema newer than this program knows, or a migration that was changed after it was
# applied; 64 a wrong argument; 69 no connection; 1 anything else.
#
# The psql variables that migrations and sql/ may use: prefix, and owner, login, groups, … with the prefixed role names.
set -eu

usage() {
	cat <<'TXT'
usage: apply.sh [--dsn DSN] [--prefix PREFIX] [--pgpass FILE] [--tables-only] [--force] [--quiet] [--fingerprint]

  --dsn DSN       libpq connection string of the database, as a role that may create roles (default: the PG* variables)
  --prefix P      what role names begin with (default: PARLEY_ROLE_PREFIX or parley_)
  --pgpass FILE   give each program's role a password and keep it there (mode 0600); what the file holds is kept
  --tables-only   roles and migrations, no functions
  --force         make the functions anew even where they are in place
  --fingerprint   only print what the comment on schema api says where exactly this is in place
TXT
}

fail() {
	code=$1
	shift
	echo "apply.sh: $*" >&2
	exit "$code"
}

dsn='' prefix=${PARLEY_ROLE_PREFIX:-parley_} pgpass='' tables_only='' force='' quiet='' fingerprint=''
while [ $# -gt 0 ]; do
	case $1 in
	--dsn | --prefix | --pgpass)
		[ $# -ge 2 ] || fail 64 "$1 wants a value"
		case $1 in
		--dsn) dsn=$2 ;;
		--prefix) prefix=$2 ;;
		--pgpass) pgpass=$2 ;;
		esac
		shift
		;;
	--tables-only) tables_only=1 ;;
	--force) force=1 ;;
	--fingerprint) fingerprint=1 ;;
	--quiet) quiet=1 ;;
	--help)
		usage
		exit 0
		;;
	*) fail 64 "unknown argument $1 (see --help)" ;;
	esac
	shift
done
case $prefix in
*[!a-z0-9_]* | '' | [0-9]*) fail 64 "a role prefix is lower-case letters, digits and _, not '$prefix'" ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
sql=$here/../sql
programs='login groups history media search admin relay worker'

# Of all that is applied, migrations included.
fingerprint() {
	echo "parley $prefix $(find "$here" "$sql" -name '*.sql' ! -name schema.sql -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum | cut -d ' ' -f 1)"
}
if [ -n "$fingerprint" ]; then
	fingerprint
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

command -v psql >/dev/null 2>&1 || fail 69 "psql is not in PATH"

# The script on standard input, with the variables everybody may use. Errors end it and name their SQLSTATE.
run_psql() {
	set -- "$@" -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -v "prefix=$prefix" -v "owner=${prefix}owner"
	for p in $programs; do set -- "$@" -v "$p=$prefix$p"; done
	if [ -n "$dsn" ]; then set -- "$@" -d "$dsn"; fi
	PGAPPNAME='parley apply' PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning" \
		psql -X -q -A -t "$@" -f -
}

# --- roles ----------------------------------------------------------------------------------------------------------

# The file gets a line for each role that has none; FRESH names those roles.
complete_pgpass() {
	fresh=''
	[ -n "$pgpass" ] || return 0
	for p in $programs; do
		grep -qs ":$prefix$p:" "$pgpass" || fresh="$fresh $prefix$p"
	done
	[ -n "$fresh" ] || return 0
	(
		umask 077
		if [ -f "$pgpass" ]; then cat "$pgpass" >"$pgpass.new"; else : >"$pgpass.new"; fi
		for role in $fresh; do
			echo "*:*:*:$role:$(od -An -N 32 -tx1 /dev/urandom | tr -d ' \n')" >>"$pgpass.new"
		done
	)
	mv -f "$pgpass.new" "$pgpass"
}

# Everything is changed only where it differs: two deploys at once must not update the same row for nothing. A password is
# set when the role or its line in the file is new. Programs call the same functions for ever: a plan is made once a
# connection, not at every call (half of what a page of history would cost), and never compiled (a second, for a call of
# milliseconds).
roles_script() {
	cat <<SQL
SELECT current_database() AS home \gset
\c postgres
\set fresh '$fresh'
SELECT FROM pg_advisory_lock(hashtextextended('parley roles', 0));
SELECT format('CREATE ROLE %I NOLOGIN', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('GRANT %I TO %I', :'owner', current_user) WHERE NOT pg_has_role(:'owner', 'MEMBER') \gexec

CREATE TEMP TABLE wanted AS
SELECT :'prefix' || p AS role, NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'prefix' || p) AS missing,
       :'prefix' || p = ANY (string_to_array(:'fresh', ' ')) AS fresh,
       CASE WHEN p = 'worker' THEN '{60s,1s,60s}' ELSE '{3s,1s,5s}' END::text[] || '{force_generic_plan,off}' AS settings
  FROM unnest(string_to_array('$programs', ' ')) p;
SELECT format('CREATE ROLE %I LOGIN NOINHERIT', role) FROM wanted WHERE missing \gexec
SELECT format('ALTER ROLE %I SET %I = %L', role, name, value)
  FROM wanted, unnest('{statement_timeout,lock_timeout,idle_in_transaction_session_timeout,plan_cache_mode,jit}'::text[],
                      settings) l(name, value)
 WHERE NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
                    WHERE r.rolname = role AND s.setdatabase = 0 AND name || '=' || value = ANY (s.setconfig)) \gexec
SQL
	[ -z "$pgpass" ] || cat <<SQL
\set lines \`cat '$pgpass'\`
SELECT format('ALTER ROLE %I PASSWORD %L', role, split_part(line, ':', 5))
  FROM wanted JOIN unnest(string_to_array(:'lines', E'\n')) line ON split_part(line, ':', 4) = role
 WHERE missing OR fresh \gexec
SQL
	printf '%s\n' '\c :"home"'
}

# --- migrations -----------------------------------------------------------------------------------------------------

# Lines of number, name, checksum, path.
known_migrations() {
	find "$here" -maxdepth 1 -name '[0-9][0-9][0-9][0-9]_*.sql' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum |
		sed 's|^\([0-9a-f]*\) .\(.*/\(0*\([0-9]*\)_[^/]*\)\.sql\)$|\4 \3 \1 \2|'
}

# An error with a state of its own, by which the shell knows it.
refuse() { echo "DO \$\$ BEGIN RAISE EXCEPTION USING ERRCODE = 'PY999', MESSAGE = '$1'; END \$\$;"; }

foundation() {
	cat <<'SQL'
SELECT FROM pg_advisory_lock(hashtextextended('parley migrations', 0));
SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), :'owner')
 WHERE NOT has_database_privilege(:'owner', current_database(), 'CREATE') \gexec
SELECT to_regnamespace('parley') IS NULL AS fresh \gset
\if :fresh
BEGIN;
SET LOCAL ROLE :"owner";
CREATE SCHEMA parley;
CREATE SCHEMA api;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE TABLE parley.migration (
    number   integer PRIMARY KEY,
    name     text NOT NULL,
    checksum text NOT NULL,
    applied  timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMIT;
\endif
SQL
}

migration() { # number name checksum path
	cat <<SQL
SELECT coalesce((SELECT checksum FROM parley.migration WHERE number = $1), '') AS known \\gset
SELECT :'known' = '' AS wanted, :'known' NOT IN ('', '$3') AS changed \\gset
\\if :changed
$(refuse "migration $2 was changed after it was applied to this database")
\\endif
\\if :wanted
BEGIN;
SET LOCAL ROLE :"owner";
SET LOCAL lock_timeout = '200ms';
\\i '$4'
INSERT INTO parley.migration (number, name, checksum) VALUES ($1, '$2', '$3');
COMMIT;
\\echo migrated: $2
\\endif
SQL
}

migrations_script() {
	foundation
	known_migrations >"$work/known"
	last=$(tail -n 1 "$work/known")
	last=${last%% *}
	cat <<SQL
SELECT coalesce(max(number), 0) > $last AS newer FROM parley.migration \\gset
\\if :newer
$(refuse "the database holds a schema newer than this version of Parley knows ($last): upgrade the programs")
\\endif
SQL
	while read -r number name sum path; do migration "$number" "$name" "$sum" "$path"; done <"$work/known"
}

# --- functions ------------------------------------------------------------------------------------------------------

functions_script() {
	print=$(fingerprint)
	cat <<SQL
SELECT coalesce(obj_description('api'::regnamespace, 'pg_namespace'), '') <> '$print' AS wanted \\gset
\\if $([ -n "$force" ] && echo true || echo :wanted)
BEGIN;
SET LOCAL ROLE :"owner";
SET LOCAL lock_timeout = '1s';
\\i '$sql/load.sql'
RESET ROLE;
\\i '$sql/roles.sql'
COMMENT ON SCHEMA api IS '$print';
COMMIT;
\\echo functions made anew
\\endif
SQL
}

# A lock that was not to be had (55P03), or a deadlock with a running program (40P01), is tried again for a while.
apply() {
	tries=50
	while ! run_psql <"$work/script" >"$work/output" 2>"$work/errors"; do
		grep -q 'PY999' "$work/errors" && fail 14 "$(sed -n 's/^.*PY999: //p' "$work/errors" | head -n 1)"
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ] || ! grep -q '55P03\|40P01' "$work/errors"; then
			cat "$work/errors" >&2
			grep -q '^psql: error' "$work/errors" && exit 69
			exit 1
		fi
		sleep 0.2
	done
	[ -n "$quiet" ] || cat "$work/output"
	cat "$work/errors" >&2
}

complete_pgpass
{
	roles_script
	migrations_script
	[ -n "$tables_only" ] || functions_script
} >"$work/script"
apply
