-- SPDX-License-Identifier: Apache-2.0
--
-- The tables of Parley's core: accounts, login sessions, conversations, members, messages, and what keeps many
-- processes in step (change hints, relays, presence).
--
-- Invariants:
--   * seq and mod are handed out under the conversation's row lock, so commit order is seq order is mod order.
--   * account_mod is handed out under the account_sync row lock.
--   * Locks are taken in the order conversation, membership, account_sync, each ascending by id.
--   * A message is one row, whatever the size of the group; no trigger stands on a message table.
--   * Every unique key of a message table begins with (store, conversation_id), so that it can be distributed.

CREATE SEQUENCE parley.id_counter CACHE 64;

-- The database's timeline. `identity` names the place the epoch was made for; where it no longer fits (a restore, a new
-- cluster), parley._epoch() makes a new one.
CREATE TABLE parley.epoch (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch    text NOT NULL,
    identity text NOT NULL
);

-- ---------------------------------------------------------------------------------------------------- accounts

CREATE TABLE parley.account (
    id            bigint PRIMARY KEY,
    login         text NOT NULL UNIQUE,
    display_name  text NOT NULL,
    avatar        text,
    admin         boolean NOT NULL DEFAULT false,
    created       timestamptz NOT NULL,
    deactivated   timestamptz,
    -- What the person chose for all devices; `away` belongs to a live session and is not kept here.
    status_state  text NOT NULL DEFAULT 'online' CHECK (status_state IN ('online', 'dnd', 'invisible')),
    status_text   text,
    status_emoji  text,
    last_seen     timestamptz,
    -- account_mod of the last change of profile or preferences.
    profile_mod   bigint NOT NULL DEFAULT 0
);

-- The account's change counter, apart from `account` so that counting never locks the profile.
CREATE TABLE parley.account_sync (
    account_id  bigint PRIMARY KEY REFERENCES parley.account,
    account_mod bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE parley.credential (
    account_id           bigint PRIMARY KEY REFERENCES parley.account,
    password_hash        text NOT NULL,
    must_change_password boolean NOT NULL DEFAULT false,
    changed              timestamptz NOT NULL
);

CREATE TABLE parley.session (
    id         bigint PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES parley.account,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    device     text NOT NULL,
    address    text NOT NULL DEFAULT '',
    created    timestamptz NOT NULL,
    -- Written at most every five minutes.
    last_seen  timestamptz NOT NULL,
    -- The unused life in seconds (session_days); the absolute end is a year after `created`.
    idle_seconds integer NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX session_account ON parley.session (account_id);

CREATE TABLE parley.invite (
    id         bigint PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_by bigint NOT NULL REFERENCES parley.account,
    created    timestamptz NOT NULL,
    expires    timestamptz NOT NULL,
    used_by    bigint REFERENCES parley.account,
    used       timestamptz
);

-- Counters of login, register and other throttles by window; empty after a crash, which only forgives.
CREATE UNLOGGED TABLE parley.throttle (
    kind         text NOT NULL,
    key          text NOT NULL,
    window_start timestamptz NOT NULL,
    count        integer NOT NULL,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 50);

CREATE TABLE parley.audit (
    id         bigint PRIMARY KEY,
    time       timestamptz NOT NULL,
    account_id bigint,
    action     text NOT NULL,
    subject    text,
    detail     jsonb
);

-- ----------------------------------------------------------------------------------------------- conversations

-- store: 1 = direct_message, 2 = group_message; it also says the kind ('direct' or 'group').
CREATE TABLE parley.conversation (
    id             bigint PRIMARY KEY,
    store          smallint NOT NULL CHECK (store IN (1, 2)),
    last_seq       bigint NOT NULL DEFAULT 0,
    first_seq      bigint NOT NULL DEFAULT 1,
    -- The change counter, and the mod of the conversation's own last change (title, topic, …).
    mod            bigint NOT NULL DEFAULT 0,
    changed_mod    bigint NOT NULL DEFAULT 0,
    members_count  integer NOT NULL DEFAULT 0,
    title          text,
    topic          text,
    avatar         text,
    visibility     text NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'public')),
    retention_days integer CHECK (retention_days > 0),
    archived       timestamptz,
    -- A deleted group is seen by nobody; a job removes its rows.
    deleted        timestamptz,
    created        timestamptz NOT NULL,
    created_by     bigint NOT NULL,
    create_ref     uuid,
    UNIQUE (created_by, create_ref)
) WITH (fillfactor = 60);
CREATE INDEX conversation_public ON parley.conversation (id) WHERE visibility = 'public' AND deleted IS NULL;

-- The one conversation of a pair; low = high for notes to self.
CREATE TABLE parley.direct_pair (
    low             bigint NOT NULL,
    high            bigint NOT NULL,
    conversation_id bigint NOT NULL,
    PRIMARY KEY (low, high),
    CHECK (low <= high)
);

-- role is NULL for who has left. mod counts in the conversation (role changes), the *_mod columns in the account:
-- joined_mod, settings_mod, read_mod and draft_mod say when each last changed, account_mod is the highest of them and of
-- the leaving.
CREATE TABLE parley.membership (
    conversation_id bigint NOT NULL,
    account_id      bigint NOT NULL,
    role            text CHECK (role IN ('member', 'admin', 'owner')),
    mod             bigint NOT NULL,
    visible_from    bigint NOT NULL DEFAULT 1,
    read_seq        bigint NOT NULL DEFAULT 0,
    received_seq    bigint NOT NULL DEFAULT 0,
    account_mod     bigint NOT NULL,
    joined_mod      bigint NOT NULL,
    settings_mod    bigint NOT NULL DEFAULT 0,
    read_mod        bigint NOT NULL DEFAULT 0,
    draft_mod       bigint NOT NULL DEFAULT 0,
    notify          text NOT NULL DEFAULT 'all' CHECK (notify IN ('all', 'mentions', 'none')),
    muted_until     timestamptz,
    favourite       boolean NOT NULL DEFAULT false,
    draft           text,
    joined          timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, account_id)
) WITH (fillfactor = 70);
-- An account's conversations, and what changed in the account after an account_mod.
CREATE INDEX membership_account ON parley.membership (account_id, account_mod);
-- Members changed after a mod.
CREATE INDEX membership_mod ON parley.membership (conversation_id, mod);

-- ----------------------------------------------------------------------------------------------------- messages

-- kind: 'text' or 'system' (then `action` says what happened). ref is NULL for system messages.
-- reactions is the number of reaction rows: zero spares the look-up.
CREATE TABLE parley.message (
    store           smallint NOT NULL,
    conversation_id bigint NOT NULL,
    seq             bigint NOT NULL,
    mod             bigint NOT NULL,
    id              bigint NOT NULL,
    sender_id       bigint NOT NULL,
    ref             uuid,
    time            timestamptz NOT NULL,
    edited          timestamptz,
    reply_to        bigint,
    thread          bigint,
    reactions       integer NOT NULL DEFAULT 0,
    deleted         boolean NOT NULL DEFAULT false,
    pinned          boolean NOT NULL DEFAULT false,
    system          boolean NOT NULL DEFAULT false,
    body            text,
    mentions        bigint[],
    attachments     jsonb,
    action          jsonb,
    PRIMARY KEY (store, conversation_id, seq),
    -- One ref from one sender in one conversation is one message.
    UNIQUE (store, conversation_id, sender_id, ref)
) PARTITION BY LIST (store);
-- Everything after a mod, in order.
CREATE INDEX message_mod ON parley.message (store, conversation_id, mod);

CREATE TABLE parley.direct_message PARTITION OF parley.message FOR VALUES IN (1);
CREATE TABLE parley.group_message PARTITION OF parley.message FOR VALUES IN (2);

CREATE TABLE parley.reaction (
    conversation_id bigint NOT NULL,
    seq             bigint NOT NULL,
    emoji           text NOT NULL,
    account_id      bigint NOT NULL,
    time            timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, seq, emoji, account_id)
);

-- Who is mentioned where, for counting unread mentions.
CREATE TABLE parley.mention (
    account_id      bigint NOT NULL,
    conversation_id bigint NOT NULL,
    seq             bigint NOT NULL,
    PRIMARY KEY (account_id, conversation_id, seq)
);

-- ------------------------------------------------------------------------------------- relays, presence, hints

-- `lines` are the notification lines of one transaction (sql/common/_tell.sql), long events as pointers. A hint, not a
-- log: relays read what is new once a second, and it is pruned after ten minutes.
CREATE TABLE parley.change_hint (
    xid   xid8 NOT NULL DEFAULT pg_current_xact_id(),
    time  timestamptz NOT NULL DEFAULT clock_timestamp(),
    lines text NOT NULL
);
CREATE INDEX change_hint_xid ON parley.change_hint (xid);
CREATE INDEX change_hint_time ON parley.change_hint USING brin (time);

CREATE TABLE parley.relay_node (
    name        text PRIMARY KEY,
    incarnation bigint NOT NULL,
    url         text NOT NULL,
    region      text NOT NULL DEFAULT '',
    load        real NOT NULL DEFAULT 0,
    beat        timestamptz NOT NULL
) WITH (fillfactor = 50);

-- One row per account and relay that holds a live session of it; offline when no row is left.
CREATE UNLOGGED TABLE parley.presence (
    account_id  bigint NOT NULL,
    relay       text NOT NULL,
    incarnation bigint NOT NULL,
    away        boolean NOT NULL,
    PRIMARY KEY (account_id, relay)
) WITH (fillfactor = 50);
CREATE INDEX presence_relay ON parley.presence (relay);

CREATE TABLE parley.job (
    id      bigint PRIMARY KEY,
    kind    text NOT NULL,
    due     timestamptz NOT NULL,
    detail  jsonb NOT NULL
);
CREATE INDEX job_due ON parley.job (due);

-- The oldest program that may run on this schema (its SCHEMA_VERSION); additive migrations leave it alone.
CREATE TABLE parley.compatibility (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    min_program integer NOT NULL
);
INSERT INTO parley.compatibility (min_program) VALUES (1);
