-- SPDX-License-Identifier: Apache-2.0
--
-- The index of everything in sql/: drops all functions and views of the schemas api and parley, then makes them anew.
-- Run by migrations/apply.sh inside one transaction, as the owner. Every file is named here, sorted; the order does not
-- matter, because bodies are checked when they first run (and by the tests), not when they are made.

SET LOCAL check_function_bodies = off;

SELECT format('DROP VIEW %s', c.oid::regclass)
  FROM pg_class c
 WHERE c.relnamespace IN ('api'::regnamespace, 'parley'::regnamespace) AND c.relkind = 'v' \gexec
SELECT format('DROP ROUTINE %s', p.oid::regprocedure)
  FROM pg_proc p
 WHERE p.pronamespace IN ('api'::regnamespace, 'parley'::regnamespace) \gexec

\ir common/_account_changed.sql
\ir common/_account_create.sql
\ir common/_account_json.sql
\ir common/_account_mod.sql
\ir common/_admin.sql
\ir common/_change_message.sql
\ir common/_changes.sql
\ir common/_conversation.sql
\ir common/_conversation_json.sql
\ir common/_epoch.sql
\ir common/_fail.sql
\ir common/_group_delete.sql
\ir common/_id.sql
\ir common/_membership.sql
\ir common/_message_json.sql
\ir common/_post.sql
\ir common/_receipts.sql
\ir common/_relay_alive.sql
\ir common/_retain.sql
\ir common/_search_pattern.sql
\ir common/_session.sql
\ir common/_session_end.sql
\ir common/_system.sql
\ir common/_tell.sql
\ir common/_throttle.sql
\ir common/_time.sql
\ir common/connect.sql
\ir common/session.sql
\ir admin/account.sql
\ir admin/account_create.sql
\ir admin/account_password.sql
\ir admin/account_update.sql
\ir admin/accounts.sql
\ir admin/audit.sql
\ir admin/bootstrap.sql
\ir admin/invite_create.sql
\ir admin/invite_delete.sql
\ir admin/invites.sql
\ir admin/relays.sql
\ir groups/add.sql
\ir groups/change.sql
\ir groups/conversation.sql
\ir groups/conversations.sql
\ir groups/create.sql
\ir groups/delete.sql
\ir groups/direct.sql
\ir groups/directory.sql
\ir groups/get.sql
\ir groups/join.sql
\ir groups/members.sql
\ir groups/remove.sql
\ir groups/role.sql
\ir groups/settings.sql
\ir history/changes.sql
\ir history/page.sql
\ir history/post.sql
\ir history/read.sql
\ir live/account_changes.sql
\ir live/beat.sql
\ir live/changes.sql
\ir live/hello.sql
\ir live/hints.sql
\ir live/lease.sql
\ir live/markers.sql
\ir live/member.sql
\ir live/post.sql
\ir live/presence_read.sql
\ir live/presence_write.sql
\ir live/prune.sql
\ir live/receipts.sql
\ir live/sessions.sql
\ir live/status.sql
\ir live/typing.sql
\ir login/accounts.sql
\ir login/accounts_by_id.sql
\ir login/admit.sql
\ir login/begin.sql
\ir login/finish.sql
\ir login/health.sql
\ir login/logout.sql
\ir login/me.sql
\ir login/me_update.sql
\ir login/password.sql
\ir login/password_begin.sql
\ir login/register.sql
\ir login/relays.sql
\ir login/revoke.sql
\ir login/sessions.sql
