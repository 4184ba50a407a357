# SPDX-License-Identifier: Apache-2.0
#
# The only entry: `make help` lists what there is. Sources are found by wildcard: a new .c file needs no edit here.
#
#   fcgi/lib/*.c                    base, linked into everything
#   fcgi/web/*.c                    FastCGI layer, linked into the programs below
#   fcgi/<program>/*.c              login groups history media search admin -> bin/<program>.fcgi; relay, worker -> bin/<program>
#   tests/unit/<area>/*_test.c      one cmocka program each, linked with lib and what <area> is made of (all but its main.c)
#   tests/load/*.c                  the load generator -> bin/load
#   tests/fuzz/<area>/*_fuzz.c      one libFuzzer program each
#
# Both flavours are built by the same rules into build/release and build/sanitize; `make build/sanitize/bin/relay` works
# as it stands, and SANITIZE=address,undefined makes the second one the flavour that build, run and test use. The fuzzers
# have a flavour of their own, build/fuzz.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/sh
Q := $(if $(V),,@)

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
AR ?= ar
ifeq ($(origin AR),default)
AR := ar
endif
SANITIZE ?=
FLAVOUR := $(if $(SANITIZE),sanitize,release)
B := build/$(FLAVOUR)

# --- compiler -----------------------------------------------------------------------------------------------------

PG_INCLUDE := $(shell pg_config --includedir 2>/dev/null || echo /usr/include/postgresql)
CPPFLAGS_ALL := -D_GNU_SOURCE -Ifcgi -isystem $(PG_INCLUDE) $(CPPFLAGS)
WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wundef -Werror
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
CFLAGS_ALL := -std=c17 -g $(WARN) $(HARDEN) -fno-common -pthread
LDFLAGS_ALL := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed -pthread $(LDFLAGS)

CFLAGS_release := -O2 -D_FORTIFY_SOURCE=3
comma := ,
SANITIZERS := $(if $(SANITIZE),$(SANITIZE),address$(comma)undefined)
CFLAGS_sanitize := -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZERS) -fno-sanitize-recover=all
LDFLAGS_sanitize := -fsanitize=$(SANITIZERS)
# What the fuzzers are built with, in build/fuzz.
CC_fuzz := clang
CFLAGS_fuzz := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined

LIBS_lib := -lpq -ljson-c -lsodium -luv
LIBS_web := -lfcgi
LIBS_relay := -lwebsockets
LIBS_worker := -lcurl -lssl -lcrypto

# --- what there is ------------------------------------------------------------------------------------------------

FCGI := $(foreach p,login groups history media search admin,$(if $(wildcard fcgi/$(p)/main.c),$(p)))
DAEMONS := $(foreach p,relay worker,$(if $(wildcard fcgi/$(p)/main.c),$(p)))
UNITS := $(wildcard tests/unit/*/*_test.c)
LOAD := $(wildcard tests/load/*.c)
FUZZERS := $(wildcard tests/fuzz/*/*_fuzz.c)

PROGRAMS = $(FCGI:%=$1/bin/%.fcgi) $(DAEMONS:%=$1/bin/%)
TESTS = $(UNITS:tests/unit/%.c=$1/tests/%)

.PHONY: all build www run test check bench profile fuzz fault recovery fuzzers load units clean purge install admin-password backup restore \
	new-epoch help node FORCE
all: build
build: $(call PROGRAMS,$B) www

# --- rules, once a flavour ----------------------------------------------------------------------------------------

# objects: $(call objects,build/release,fcgi/lib) = its .o files
objects = $(patsubst %.c,$1/obj/%.o,$(wildcard $2/*.c))
# what a program's folder is linked with besides itself: the relay and the worker never see web
libs_of = $1/liblib.a $(if $(filter relay worker lib load,$2),,$1/libweb.a)
flags_of = $(LIBS_lib) $(if $(filter relay worker lib load,$2),$(LIBS_$2),$(LIBS_web))
# a unit test's area: all of its folder but main.c
area_objects = $(if $(filter lib web,$2),,$(filter-out $1/obj/fcgi/$2/main.o,$(call objects,$1,fcgi/$2)))

# what an object of a flavour is compiled with
flags = $(strip $(or $(CC_$1),$(CC)) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(CFLAGS_$1) $(CFLAGS))
same = $(and $(findstring x$1x,x$2x),$(findstring x$2x,x$1x))

define program # flavour folder, program, file name
$1/bin/$3: $(call objects,$1,fcgi/$2) $(call libs_of,$1,$2)
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	$$(Q)$$(CC) $$(LDFLAGS_ALL) $$(LDFLAGS_$(notdir $1)) -o $$@.new $(call objects,$1,fcgi/$2) \
		$(if $(filter relay worker,$2),,$1/libweb.a) $1/liblib.a $(call flags_of,$1,$2)
	@mv -f $$@.new $$@
endef

define unit # flavour folder, area, path without .c below tests/unit
$1/tests/$3: $1/obj/tests/unit/$3.o $(call area_objects,$1,$2) $(call libs_of,$1,$2)
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	$$(Q)$$(CC) $$(LDFLAGS_ALL) $$(LDFLAGS_$(notdir $1)) -o $$@ $1/obj/tests/unit/$3.o $(call area_objects,$1,$2) \
		$(if $(filter relay worker lib,$2),,$1/libweb.a) $1/liblib.a -lcmocka $(call flags_of,$1,$2)
endef

# An archive of the area, so that a fuzzer may put something of its own in a file's place.
define fuzzer # flavour folder, area, path without .c below tests/fuzz
$1/bin/$3: $1/obj/tests/fuzz/$3.o $(if $(filter lib web,$2),,$1/lib$2.a) $(call libs_of,$1,$2)
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	$$(Q)$(CC_fuzz) $$(LDFLAGS_ALL) $$(LDFLAGS_fuzz) -o $$@ $$(filter %.o,$$^) \
		-Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $(call flags_of,$1,$2)
endef

define flavour
$1/obj/%.o: %.c $1/flags
	@mkdir -p $$(@D)
	@echo '  CC  $$@'
	$$(Q)$$(call flags,$(notdir $1)) -MMD -MP -c -o $$@ $$<

$1/liblib.a: $(call objects,$1,fcgi/lib)
$1/libweb.a: $(call objects,$1,fcgi/web)
$(foreach p,$(FCGI) $(DAEMONS),$(eval $1/lib$p.a: $(call area_objects,$1,$p)))
$1/liblib.a $1/libweb.a $(FCGI:%=$1/lib%.a) $(DAEMONS:%=$1/lib%.a):
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^

# Everything is compiled anew when the flags change, and only then.
$1/flags: $(if $(call same,$(file <$1/flags),$(call flags,$(notdir $1))),,FORCE)
	@mkdir -p $$(@D)
	@echo '$(call flags,$(notdir $1))' >$$@

$1/bin/load: $(call objects,$1,tests/load) $1/liblib.a
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	$$(Q)$$(CC) $$(LDFLAGS_ALL) $$(LDFLAGS_$(notdir $1)) -o $$@ $$^ $(LIBS_lib) -lm

$(foreach p,$(FCGI),$(eval $(call program,$1,$(p),$(p).fcgi)))
$(foreach p,$(DAEMONS),$(eval $(call program,$1,$(p),$(p))))
$(foreach u,$(UNITS:tests/unit/%.c=%),$(eval $(call unit,$1,$(firstword $(subst /, ,$(u))),$(u))))
-include $(patsubst %.o,%.d,$(foreach d,$(wildcard fcgi/* tests/unit/* tests/fuzz/* tests/load),$(call objects,$1,$(d))))
endef
$(foreach f,build/release build/sanitize build/fuzz,$(eval $(call flavour,$(f))))
$(foreach u,$(FUZZERS:tests/fuzz/%.c=%),$(eval $(call fuzzer,build/fuzz,$(firstword $(subst /, ,$(u))),$(u))))
FORCE:

units: $(call TESTS,$B)
load: $B/bin/load
fuzzers: $(FUZZERS:tests/fuzz/%.c=build/fuzz/bin/%)

# --- web ----------------------------------------------------------------------------------------------------------

www: $(if $(wildcard www/app/main.tsx),build/www.built)
build/www.built: $(shell find www -type f 2>/dev/null) node_modules/.package-lock.json
	@mkdir -p build
	conf/node.sh node www/build.mjs --out build/www
	@touch $@

node: node_modules/.package-lock.json
node_modules/.package-lock.json: package.json package-lock.json
	conf/node.sh npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# --- running ------------------------------------------------------------------------------------------------------

run: ## install what is missing, build, start everything: PORT=8080 LISTEN=127.0.0.1 DATA=var DEMO=1
	@exec setpriv --pdeathsig TERM conf/run start
admin-password: ## give the first administrator a new password, in a 0600 file
	@exec conf/run admin-password
backup: ## FILE=…: the whole database into one file (pg_dump); may run while Parley runs
	@exec conf/run backup "$(FILE)"
restore: ## FILE=…: put a backup in place of the database, with a new epoch; Parley must be stopped
	@exec conf/run restore "$(FILE)"
new-epoch: ## the step after any other way of restoring: tells every client to read anew
	@exec conf/run new-epoch
purge: ## remove DATA and all that was made outside of the clone, after its name is typed
	@exec conf/run purge

# --- proving ------------------------------------------------------------------------------------------------------

# Each installs what it needs and is missing, then builds, then runs.
install = conf/run.d/install --for $1
parallel = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

test: ## every kind of test; ONLY="api live" chooses kinds (unit sql race client api live security fault browser startstop), FILES=… files
	@$(call install,run test)
	@$(parallel) build units load
	@exec tests/run
check: ## formatter, linters, types, our own checkers; ONLY=NAME chooses one
	@$(call install,run test check)
	@$(parallel) build node
	@exec tests/lint/run
bench: ## measure on this machine (tests/load); ONLY="direct poll" chooses scenarios, ONLY=growth: as the database grows
	@$(call install,run bench)
	@$(parallel) build load
	@exec tests/load/run
profile: ## where the relays and PostgreSQL spend their time in a scenario: ONLY=direct
	@$(call install,run bench profile)
	@$(parallel) build load
	@exec env PROFILE=1 RUNS=1 tests/load/run
fuzz: ## feed the parsers with random input: TIME=60 seconds each, FILES="json door" chooses
	@$(call install,run fuzz)
	@$(parallel) fuzzers
	@exec tests/fuzz/run
recovery: ## how long it takes to come back after what breaks, against the goals: ONLY="killed postgres deaf slow missed rolling"
	@$(call install,run test fault)
	@$(parallel) build load
	@exec tests/fault/run recovery
fault: ## break everything under load and judge what is left: SECONDS=60 SEED=… RATE=60 FAULTS="relay disk" chooses
	@$(call install,run test fault)
	@$(parallel) build
	@exec tests/fault/run

clean: ## remove what was built (not DATA)
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'\t' '{ printf "  make %-16s %s\n", $$1, $$2 }'
	@echo '  SANITIZE=address,undefined builds, runs and tests the instrumented flavour; V=1 shows the commands.'
