#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs one pgTAP file against a database of its own, cloned from the template of the test run's cluster (tests/lib/run.ts
# says where that is), and drops it. Prints TAP; exits as pg_prove does.
set -eu
: "${PARLEY_TEST_CLUSTER:?run this by: make test ONLY=sql FILES=$1}"
file=$1
database=sql_$$
export PGHOST="$PARLEY_TEST_CLUSTER" PGUSER=postgres
clone() { createdb --template="$PARLEY_TEST_TEMPLATE" --strategy=wal_log "$database" 2>/dev/null; }
trap 'dropdb --if-exists --force "$database"' EXIT
# Another file may be cloning the template this moment.
tries=0
until clone; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || { clone || createdb --template="$PARLEY_TEST_TEMPLATE" "$database"; exit 1; }
	sleep 0.1
done
psql -Xq -d "$database" -c 'CREATE EXTENSION pgtap' -c 'CREATE EXTENSION IF NOT EXISTS plpgsql_check' \
	-c 'GRANT USAGE ON SCHEMA public TO PUBLIC'
pg_prove --verbose --dbname "$database" "$file"
