#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL of its own for one unit test, with stub.sql instead of Parley's functions, below an existing DIR.
#   pg.sh make DIR    initdb, start, stub.sql          pg.sh start|stop|crash DIR     pg.sh remove DIR
#   pg.sh freeze|thaw DIR   SIGSTOP, SIGCONT to all backends of the role unit_prog
#   pg.sh sql DIR TEXT
set -eu
PATH=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1):$PATH
verb=$1 dir=$2
here=$(dirname "$0")

# PostgreSQL refuses root.
as() {
	if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}
start() {
	as pg_ctl -D "$dir/data" -l "$dir/log" -w -s \
		-o "-c listen_addresses='' -c unix_socket_directories=$dir -c fsync=off -c max_connections=20" start
}
backends() {
	psql -h "$dir" -U owner -d unit -Atqc "SELECT pid FROM pg_stat_activity WHERE usename = 'unit_prog'"
}

case $verb in
make)
	chmod 777 "$dir"
	as initdb -D "$dir/data" --encoding=UTF8 --locale=C.UTF-8 --no-sync -A trust -U owner >"$dir/initdb.log"
	start
	createdb -h "$dir" -U owner unit
	psql -h "$dir" -U owner -d unit -qX -v ON_ERROR_STOP=1 -f "$here/stub.sql"
	;;
start) start ;;
stop) as pg_ctl -D "$dir/data" -s -m fast -w stop ;;
crash) # not `immediate`: that still says good-bye
	postmaster=$(head -n 1 "$dir/data/postmaster.pid")
	{
		echo "$postmaster"
		ps -o pid= --ppid "$postmaster"
	} >"$dir/killed"
	xargs kill -KILL <"$dir/killed"
	while ps -o stat= -p "$(xargs <"$dir/killed" | tr ' ' ,)" | grep -qv Z; do sleep 0.05; done
	rm -f "$dir/data/postmaster.pid" "$dir/.s.PGSQL.5432.lock" # a zombie counts as alive
	;;
freeze) backends >"$dir/frozen" && xargs kill -STOP <"$dir/frozen" ;;
thaw) xargs kill -CONT <"$dir/frozen" ;;
sql) psql -h "$dir" -U owner -d unit -Atq -c "$3" ;;
remove)
	as pg_ctl -D "$dir/data" -s -m immediate -w stop || true
	rm -rf "$dir"
	;;
esac
