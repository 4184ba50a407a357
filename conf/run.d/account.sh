# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The first administrator, whose generated password is in a 0600 file and must be changed at the first login; and the people
# of DEMO=1, who share one in a file of its own.

ADMIN_LOGIN='admin'

# Gives the first administrator a new password; makes the account where there is none. The file is there before the
# password counts.
set_admin_password() {
	local password hash login
	password=$(random_text 20)
	(umask 077 && printf '%s\n' "$password" >"$DATA/admin-password.new")
	hash=$("$RELEASE/bin/login.fcgi" --config "$CONFIG" --hash-password <<<"$password")
	login=$(psql_owner -d parley -v "login=$ADMIN_LOGIN" -v "hash=$hash" <<'SQL'
SELECT CASE WHEN api.admin_bootstrap(:'login', :'hash') IS NULL THEN api.admin_rescue(:'hash') ELSE :'login' END;
SQL
	)
	ADMIN_LOGIN=$login
	mv -f "$DATA/admin-password.new" "$DATA/admin-password"
}

# Makes one where there is none, and says whether the file is still good.
first_admin() {
	case $ADMIN_STATE in
	none) set_admin_password ;;
	false) rm -f "$DATA/admin-password" ;;
	esac
}

# Only where nobody has been yet: the wish is noted before there is a database, and gone when the sample is there, so that
# the next start finishes what an interrupted one began.
want_demo() {
	[[ -n ${DEMO:-} && ! -d $PG ]] || return 0
	(umask 077 && random_text 12 >"$DATA/demo-password.new")
}

add_demo() {
	local file=$DATA/demo-password hash
	[ -f "$file.new" ] || return 0
	if [ -z "$(psql_owner -d parley -c "SELECT FROM parley.account WHERE login = 'ada'")" ]; then
		say "adding the sample"
		hash=$("$RELEASE/bin/login.fcgi" --config "$CONFIG" --hash-password <"$file.new")
		psql_owner -d parley -v "hash=$hash" -f "$ROOT/conf/demo.sql" >/dev/null || die start "the sample could not be added"
	fi
	mv "$file.new" "$file"
}
