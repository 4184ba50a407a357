# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What is done to an instance now and then: a new administrator's password, backup, restore, a new epoch, removal.

find_instance() {
	decide_place
	decide_address
	[ -d "$PG" ] || die state "there is no database in $DATA: run 'make run' first"
	refuse_data
	refuse_cluster
}

# Runs a command with the database there: the running one, or one that is started for it alone.
with_database() { # command…
	find_instance
	if database_answers; then
		check_config
		"$@"
	else
		with_stopped_database "$@"
	fi
}

with_stopped_database() { # command…
	find_instance
	lock_data
	take_over
	make_folders
	check_config
	configure_cluster
	write_environment
	define_postgres
	supervise postgres
	await_database
	"$@"
}

admin_password() { with_database new_admin_password; }

new_admin_password() {
	set_admin_password
	say "the new password of $ADMIN_LOGIN is in $DATA/admin-password; it must be changed at the next login"
}

new_epoch() {
	with_database psql_owner -d parley -c 'SELECT parley._epoch(true)'
	say "a new epoch: every client reads anew"
}

backup() { # file
	[ -n "$1" ] || die usage "FILE= is wanted: where the backup goes"
	[ ! -e "$1" ] || die usage "$1 exists already"
	with_database dump "$1"
}

# Written beside and then renamed: a file with the wanted name is a whole backup.
dump() {
	(umask 077 && "$PG_BIN/pg_dump" -h "$RUN/pg" -U postgres -d parley -Fc -f "$1.part") || {
		rm -f "$1.part"
		die state "the backup failed"
	}
	mv "$1.part" "$1"
	say "backup in $1 ($(stat -c %s "$1") bytes)"
}

restore() { # file
	[ -n "$1" ] || die usage "FILE= is wanted: the backup to restore"
	[ -r "$1" ] || die usage "$1 cannot be read"
	with_stopped_database put_back "$1"
}

# Into a database of its own, which then takes the place of the old one; that one is kept until the next restore.
put_back() {
	psql_owner -d postgres -c 'DROP DATABASE IF EXISTS parley_new' -c 'CREATE DATABASE parley_new TEMPLATE template0'
	"$PG_BIN/pg_restore" -h "$RUN/pg" -U postgres -d parley_new --single-transaction "$1" || die state "$1 could not be restored; nothing was changed"
	psql_owner -d postgres -c 'DROP DATABASE IF EXISTS parley_before_restore' \
		-c 'ALTER DATABASE parley RENAME TO parley_before_restore' -c 'ALTER DATABASE parley_new RENAME TO parley'
	migrate
	psql_owner -d parley -c 'SELECT parley._epoch(true)' >/dev/null
	say "restored $1; the database as it was is kept as parley_before_restore until the next restore"
}

purge() {
	local name answer
	decide_place
	[ -e "$DATA" ] || die state "there is nothing at $DATA"
	refuse_data
	lock_data
	name=$(basename "$WANTED")
	say "this removes $DATA with all messages in it, and what was made for it outside of the clone"
	printf 'Type the name of the folder (%s) to go on: ' "$name"
	read -r answer || :
	[ "$answer" = "$name" ] || die usage "not the name: nothing was removed"
	take_over
	rm -rf "$DATA" "$RUN" "$SUPER"
	[ -z "$AS_ROOT" ] || alone purge_accounts
	say "removed"
}

# With the last instance the accounts that were made for it go too.
purge_accounts() {
	local file account
	rm -f "$STATE/instances/$ID"
	for file in "$STATE"/instances/*; do
		[ -f "$file" ] && [ -d "$(cat "$file")" ] && return 0
	done
	if [ -f "$STATE/accounts" ]; then
		# The latest first: a group goes with its account only when nobody else is in it.
		tac "$STATE/accounts" | while read -r account; do userdel "$account" 2>/dev/null || :; done
	fi
	rm -rf "$STATE/instances" "$STATE/accounts"
	rmdir "$STATE" 2>/dev/null || :
}
