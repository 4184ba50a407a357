#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs one spec of interleavings (PostgreSQL's isolationtester) on a database of its own, cloned from the template of the test
# run's cluster, and compares each permutation with expected/NAME.out. Prints TAP, a line a permutation.
#
#   run.sh FILE.spec            from tests/lib/run.ts
#   ACCEPT=1 run.sh FILE.spec   writes what came out as what is expected: read the diff before it is committed
set -eu
: "${PARLEY_TEST_CLUSTER:?run this by: make test ONLY=race}"
spec=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
name=$(basename "$spec" .spec)
expected=$here/expected/$name.out
tester=$(find /usr/lib/postgresql -path "*/isolation/isolationtester" -type f 2>/dev/null | sort -V | tail -n 1)
[ -n "$tester" ] || { echo "isolationtester is missing: apt-get install postgresql-server-dev-15" >&2; exit 1; }
export PGHOST="$PARLEY_TEST_CLUSTER" PGUSER=postgres
database=race_$$
work=$(mktemp -d)
trap 'dropdb --if-exists --force "$database"; rm -rf "$work"' EXIT
createdb --template="$PARLEY_TEST_TEMPLATE" "$database"
psql -Xq -d "$database" -f "$here/../sql/fixture.psql" -f "$here/places.psql"

"$tester" "dbname=$database" <"$spec" >"$work/out" 2>"$work/err" || { cat "$work/out" "$work/err"; echo 'not ok 1 - the tester failed'; exit 1; }
if [ -n "${ACCEPT:-}" ]; then
	mkdir -p "$here/expected"
	cp "$work/out" "$expected"
fi

# One file a permutation, named by its place; the first line of each says which it is.
split_permutations() { # output folder
	mkdir "$2"
	awk -v dir="$2" '/^starting permutation:/ { n++ } n { print > sprintf("%s/%03d", dir, n) }' "$1"
}
split_permutations "$work/out" "$work/got"
split_permutations "$expected" "$work/want"
n=0
failed=0
for got in "$work"/got/*; do
	n=$((n + 1))
	title=$(sed -n '1s/starting permutation: //p' "$got")
	if diff -u "$work/want/$(basename "$got")" "$got" >"$work/diff" 2>&1; then
		echo "ok $n - $title"
	else
		echo "not ok $n - $title"
		sed 's/^/# /' "$work/diff"
		failed=1
	fi
done
if [ "$n" -ne "$(find "$work/want" -type f | wc -l)" ]; then
	echo "not ok $((n + 1)) - as many permutations as expected"
	failed=1
fi
echo "1..$n"
exit "$failed"
