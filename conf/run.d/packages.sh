# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing of conf/packages.apt, and says so beforehand. Silent, without network and without root, where
# all is there. Debian's services that come along are not started, and neither enabled nor given a cluster.

missing_packages() { # section…
	local section='' package proof found
	while read -r package proof; do
		case $package in
		'' | '#'*) continue ;;
		'['*']')
			section=${package#[}
			section=${section%]}
			continue
			;;
		esac
		[[ " $* " == *" $section "* ]] || continue
		case $proof in
		cmd:*) command -v "${proof#cmd:}" >/dev/null 2>&1 && continue ;;
		file:*)
			found=$(compgen -G "${proof#file:}" | head -n 1) || :
			[ -z "$found" ] || continue
			;;
		esac
		echo "$package"
	done <"$ROOT/conf/packages.apt"
}

# Debian starts and enables what it installs; these keep it from doing so, and are taken away afterwards.
hold_services() {
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d
		HELD_POLICY=1
	fi
	mkdir -p /etc/postgresql-common/createcluster.d
	echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/parley.conf
}

release_services() {
	[ -z "${HELD_POLICY:-}" ] || rm -f /usr/sbin/policy-rc.d
	rm -f /etc/postgresql-common/createcluster.d/parley.conf
}

# Run as root, directly or by sudo: conf/run.d/install PACKAGE…
install_as_root() { # package…
	alone install_held "$@"
}

install_held() { # package…
	local package
	trap release_services EXIT
	hold_services
	export DEBIAN_FRONTEND=noninteractive
	apt-get -o DPkg::Lock::Timeout=300 -qq update
	apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "$@" >/dev/null
	for package in "$@"; do
		case $package in
		nginx | postgresql) update-rc.d "$package" disable >/dev/null 2>&1 || : ;;
		esac
	done
	trap - EXIT
	release_services
}

install_packages() { # section…
	local missing
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing Debian packages: ${missing[*]}"
	local command="apt-get install --no-install-recommends -y ${missing[*]}"
	if [ -n "$AS_ROOT" ]; then
		(install_as_root "${missing[@]}") || die packages "installing failed: $command"
	elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		sudo "$ROOT/conf/run.d/install" "${missing[@]}" || die packages "installing failed: sudo $command"
	else
		die packages "packages are missing; as root: $command"
	fi
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -eq 0 ] || die packages "still missing after installing: ${missing[*]}"
}
