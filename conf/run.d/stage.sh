# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds, and copies what runs to DATA/release, where the accounts can read it and a later build does not touch it.

build() {
	local log=$DATA/build.log
	! make -s -C "$ROOT" -q build "SANITIZE=${SANITIZE:-}" >/dev/null 2>&1 || return 0
	say "building"
	make -s -C "$ROOT" "-j$(nproc)" build "SANITIZE=${SANITIZE:-}" >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		keep_data
		die build "the build failed; all of it is in $log"
	}
}

stage() {
	rm -rf "$RELEASE.new" && mkdir -p "$RELEASE.new/run.d"
	cp -r "$ROOT/build/$FLAVOUR/bin" "$RELEASE.new/bin"
	cp -r "$ROOT/build/www" "$RELEASE.new/www"
	cp -r "$ROOT/conf/nginx" "$RELEASE.new/nginx"
	cp "$(config_file)" "$RELEASE.new/parley.conf"
	cp "$ROOT/conf/run.d/sweep" "$RELEASE.new/run.d/sweep"
	chmod -R u=rwX,go=rX "$RELEASE.new"
	rm -rf "$RELEASE" && mv "$RELEASE.new" "$RELEASE"
}

declare -A SETTING=()
RELAYS=() CONNECTIONS=0

# Asks a program what it makes of the configuration: the values of all keys, the relays' names, and how many database
# connections all programs together will open.
# shellcheck disable=SC2034  # for the other parts
check_config() {
	local printed line names=({a..z})
	CONFIG=$RELEASE/parley.conf
	export PARLEY_RUN_DIR=$RUN PARLEY_DATABASE="host=$RUN/pg dbname=parley"
	printed=$("$RELEASE/bin/login.fcgi" --config "$CONFIG" --print-config 2>&1) || die config "$printed"
	while IFS= read -r line; do
		case $line in
		'# connections: '*) CONNECTIONS=${line##* } ;;
		*' = '*) SETTING[${line%% = *}]=${line#* = } ;;
		esac
	done <<<"$printed"
	RELAYS=("${names[@]:0:SETTING[relays]}")
}
