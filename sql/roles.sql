-- SPDX-License-Identifier: Apache-2.0
--
-- Every grant there is. Run by migrations/apply.sh after sql/load.sql, in the same transaction.
--
-- Tables belong to :"owner", which nobody logs in as. A program's role may use the schema api and call there what is
-- granted below, nothing else; parley's helpers are for the owner's own functions. Only the relay's role may pass account
-- ids (api.live_*); every other function finds the account by the token's hash.

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME"
    TO :"login", :"groups", :"history", :"media", :"search", :"admin", :"relay", :"worker";
REVOKE ALL ON ALL ROUTINES IN SCHEMA api, parley FROM PUBLIC;
GRANT USAGE ON SCHEMA api TO :"login", :"groups", :"history", :"media", :"search", :"admin", :"relay", :"worker";
GRANT EXECUTE ON FUNCTION api.common_connect(text)
    TO :"login", :"groups", :"history", :"media", :"search", :"admin", :"relay", :"worker";
GRANT EXECUTE ON FUNCTION api.common_session(bytea)
    TO :"login", :"groups", :"history", :"media", :"search", :"admin";

GRANT EXECUTE ON FUNCTION
    api.groups_add(bytea, bigint, bigint[], text),
    api.groups_change(bytea, bigint, text, boolean, text, boolean, text, text, boolean, integer, boolean),
    api.groups_conversation(bytea, bigint),
    api.groups_conversations(bytea, bigint, integer),
    api.groups_create(bytea, text, text, bigint[], uuid),
    api.groups_delete(bytea, bigint),
    api.groups_direct(bytea, bigint),
    api.groups_directory(bytea, text, bigint, integer),
    api.groups_get(bytea, bigint),
    api.groups_join(bytea, bigint),
    api.groups_members(bytea, bigint, bigint, integer),
    api.groups_remove(bytea, bigint, bigint),
    api.groups_role(bytea, bigint, bigint, text),
    api.groups_settings(bytea, bigint, text, boolean, text, boolean, boolean, text)
    TO :"groups";
GRANT EXECUTE ON FUNCTION
    api.history_changes(bytea, bigint, bigint, integer),
    api.history_page(bytea, bigint, bigint, bigint, bigint, integer),
    api.history_post(bytea, uuid, bigint, text, bigint, bigint, bigint[], integer, integer),
    api.history_read(bytea, bigint, bigint, integer)
    TO :"history";
GRANT EXECUTE ON FUNCTION
    api.live_account_changes(bigint[], bigint[], integer, integer),
    api.live_beat(text),
    api.live_changes(bigint, bigint[], bigint[], integer, integer, integer),
    api.live_hello(bytea[]),
    api.live_hints(pg_snapshot, integer),
    api.live_lease(text, bigint, text, text, real, boolean, boolean),
    api.live_markers(bigint[], integer[], integer, integer, integer),
    api.live_member(bigint, bigint),
    api.live_post(text[], bigint[], bigint[], uuid[], text[], bigint[], bigint[], bigint[], bigint[], text[]),
    api.live_presence_read(bigint[]),
    api.live_presence_write(text, bigint, bigint[], boolean[]),
    api.live_prune(integer),
    api.live_receipts(bigint[], bigint[], bigint[], bigint[], integer),
    api.live_sessions(bigint[]),
    api.live_status(bigint, text, text, text),
    api.live_typing(bigint[], bigint[], boolean[], integer)
    TO :"relay";

GRANT EXECUTE ON FUNCTION
    api.login_accounts(bytea, text, bigint, integer),
    api.login_accounts_by_id(bytea, bigint[]),
    api.login_admit(text, integer, integer, boolean, bytea, text),
    api.login_begin(text, text, integer, integer, integer, integer),
    api.login_finish(bigint, text, text, bytea, text, text, integer, integer),
    api.login_health(),
    api.login_logout(bytea),
    api.login_me(bytea),
    api.login_me_update(bytea, text),
    api.login_password(bytea, text, text),
    api.login_password_begin(bytea, integer, integer),
    api.login_register(boolean, bytea, text, text, text),
    api.login_relays(bytea),
    api.login_revoke(bytea, bigint),
    api.login_sessions(bytea)
    TO :"login";

-- api.admin_bootstrap and api.admin_rescue are for the owner alone: whoever may call them makes administrators.
GRANT EXECUTE ON FUNCTION
    api.admin_account(bytea, bigint),
    api.admin_account_create(bytea, text, text, text, boolean),
    api.admin_account_password(bytea, bigint, text),
    api.admin_account_update(bytea, bigint, text, boolean, boolean),
    api.admin_accounts(bytea, text, text, boolean, bigint, integer),
    api.admin_audit(bytea, bigint, integer),
    api.admin_invite_create(bytea, bytea, integer),
    api.admin_invite_delete(bytea, bigint),
    api.admin_invites(bytea, bigint, integer),
    api.admin_relays(bytea)
    TO :"admin";
