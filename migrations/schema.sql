-- SPDX-License-Identifier: Apache-2.0
--
-- Made by `node tests/lint/schema.ts --write` from the migrations, for reading; never applied.


CREATE SCHEMA parley;

CREATE TABLE parley.account (
    id bigint NOT NULL,
    login text NOT NULL,
    display_name text NOT NULL,
    avatar text,
    admin boolean DEFAULT false NOT NULL,
    created timestamp with time zone NOT NULL,
    deactivated timestamp with time zone,
    status_state text DEFAULT 'online'::text NOT NULL,
    status_text text,
    status_emoji text,
    last_seen timestamp with time zone,
    profile_mod bigint DEFAULT 0 NOT NULL,
    CONSTRAINT account_status_state_check CHECK ((status_state = ANY (ARRAY['online'::text, 'dnd'::text, 'invisible'::text])))
);

CREATE TABLE parley.account_sync (
    account_id bigint NOT NULL,
    account_mod bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE parley.audit (
    id bigint NOT NULL,
    "time" timestamp with time zone NOT NULL,
    account_id bigint,
    action text NOT NULL,
    subject text,
    detail jsonb
);

CREATE TABLE parley.change_hint (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    "time" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lines text NOT NULL
);

CREATE TABLE parley.compatibility (
    one boolean DEFAULT true NOT NULL,
    min_program integer NOT NULL,
    CONSTRAINT compatibility_one_check CHECK (one)
);

CREATE TABLE parley.conversation (
    id bigint NOT NULL,
    store smallint NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    first_seq bigint DEFAULT 1 NOT NULL,
    mod bigint DEFAULT 0 NOT NULL,
    changed_mod bigint DEFAULT 0 NOT NULL,
    members_count integer DEFAULT 0 NOT NULL,
    title text,
    topic text,
    avatar text,
    visibility text DEFAULT 'private'::text NOT NULL,
    retention_days integer,
    archived timestamp with time zone,
    deleted timestamp with time zone,
    created timestamp with time zone NOT NULL,
    created_by bigint NOT NULL,
    create_ref uuid,
    CONSTRAINT conversation_retention_days_check CHECK ((retention_days > 0)),
    CONSTRAINT conversation_store_check CHECK ((store = ANY (ARRAY[1, 2]))),
    CONSTRAINT conversation_visibility_check CHECK ((visibility = ANY (ARRAY['private'::text, 'public'::text])))
)
WITH (fillfactor='60');

CREATE TABLE parley.credential (
    account_id bigint NOT NULL,
    password_hash text NOT NULL,
    must_change_password boolean DEFAULT false NOT NULL,
    changed timestamp with time zone NOT NULL
);

CREATE TABLE parley.message (
    store smallint NOT NULL,
    conversation_id bigint NOT NULL,
    seq bigint NOT NULL,
    mod bigint NOT NULL,
    id bigint NOT NULL,
    sender_id bigint NOT NULL,
    ref uuid,
    "time" timestamp with time zone NOT NULL,
    edited timestamp with time zone,
    reply_to bigint,
    thread bigint,
    reactions integer DEFAULT 0 NOT NULL,
    deleted boolean DEFAULT false NOT NULL,
    pinned boolean DEFAULT false NOT NULL,
    system boolean DEFAULT false NOT NULL,
    body text,
    mentions bigint[],
    attachments jsonb,
    action jsonb
)
PARTITION BY LIST (store);

CREATE TABLE parley.direct_message (
    store smallint NOT NULL,
    conversation_id bigint NOT NULL,
    seq bigint NOT NULL,
    mod bigint NOT NULL,
    id bigint NOT NULL,
    sender_id bigint NOT NULL,
    ref uuid,
    "time" timestamp with time zone NOT NULL,
    edited timestamp with time zone,
    reply_to bigint,
    thread bigint,
    reactions integer DEFAULT 0 NOT NULL,
    deleted boolean DEFAULT false NOT NULL,
    pinned boolean DEFAULT false NOT NULL,
    system boolean DEFAULT false NOT NULL,
    body text,
    mentions bigint[],
    attachments jsonb,
    action jsonb
);
ALTER TABLE ONLY parley.direct_message ALTER COLUMN store SET (n_distinct=1);
ALTER TABLE ONLY parley.direct_message ALTER COLUMN conversation_id SET (n_distinct=-0.02);
ALTER TABLE ONLY parley.direct_message ALTER COLUMN sender_id SET (n_distinct=5);
ALTER TABLE ONLY parley.direct_message ALTER COLUMN ref SET (n_distinct=-1);

CREATE TABLE parley.direct_pair (
    low bigint NOT NULL,
    high bigint NOT NULL,
    conversation_id bigint NOT NULL,
    CONSTRAINT direct_pair_check CHECK ((low <= high))
);

CREATE TABLE parley.epoch (
    one boolean DEFAULT true NOT NULL,
    epoch text NOT NULL,
    identity text NOT NULL,
    CONSTRAINT epoch_one_check CHECK (one)
);

CREATE TABLE parley.group_message (
    store smallint NOT NULL,
    conversation_id bigint NOT NULL,
    seq bigint NOT NULL,
    mod bigint NOT NULL,
    id bigint NOT NULL,
    sender_id bigint NOT NULL,
    ref uuid,
    "time" timestamp with time zone NOT NULL,
    edited timestamp with time zone,
    reply_to bigint,
    thread bigint,
    reactions integer DEFAULT 0 NOT NULL,
    deleted boolean DEFAULT false NOT NULL,
    pinned boolean DEFAULT false NOT NULL,
    system boolean DEFAULT false NOT NULL,
    body text,
    mentions bigint[],
    attachments jsonb,
    action jsonb
);
ALTER TABLE ONLY parley.group_message ALTER COLUMN store SET (n_distinct=1);
ALTER TABLE ONLY parley.group_message ALTER COLUMN conversation_id SET (n_distinct=-0.02);
ALTER TABLE ONLY parley.group_message ALTER COLUMN sender_id SET (n_distinct=5);
ALTER TABLE ONLY parley.group_message ALTER COLUMN ref SET (n_distinct=-1);

CREATE SEQUENCE parley.id_counter
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE parley.invite (
    id bigint NOT NULL,
    token_hash bytea NOT NULL,
    created_by bigint NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    used_by bigint,
    used timestamp with time zone,
    CONSTRAINT invite_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE parley.job (
    id bigint NOT NULL,
    kind text NOT NULL,
    due timestamp with time zone NOT NULL,
    detail jsonb NOT NULL
);

CREATE TABLE parley.membership (
    conversation_id bigint NOT NULL,
    account_id bigint NOT NULL,
    role text,
    mod bigint NOT NULL,
    visible_from bigint DEFAULT 1 NOT NULL,
    read_seq bigint DEFAULT 0 NOT NULL,
    received_seq bigint DEFAULT 0 NOT NULL,
    account_mod bigint NOT NULL,
    joined_mod bigint NOT NULL,
    settings_mod bigint DEFAULT 0 NOT NULL,
    read_mod bigint DEFAULT 0 NOT NULL,
    draft_mod bigint DEFAULT 0 NOT NULL,
    notify text DEFAULT 'all'::text NOT NULL,
    muted_until timestamp with time zone,
    favourite boolean DEFAULT false NOT NULL,
    draft text,
    joined timestamp with time zone NOT NULL,
    CONSTRAINT membership_notify_check CHECK ((notify = ANY (ARRAY['all'::text, 'mentions'::text, 'none'::text]))),
    CONSTRAINT membership_role_check CHECK ((role = ANY (ARRAY['member'::text, 'admin'::text, 'owner'::text])))
)
WITH (fillfactor='70');
ALTER TABLE ONLY parley.membership ALTER COLUMN conversation_id SET (n_distinct=-0.1);
ALTER TABLE ONLY parley.membership ALTER COLUMN account_id SET (n_distinct=-0.1);

CREATE TABLE parley.mention (
    account_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    seq bigint NOT NULL
);

CREATE TABLE parley.migration (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE UNLOGGED TABLE parley.presence (
    account_id bigint NOT NULL,
    relay text NOT NULL,
    incarnation bigint NOT NULL,
    away boolean NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE parley.reaction (
    conversation_id bigint NOT NULL,
    seq bigint NOT NULL,
    emoji text NOT NULL,
    account_id bigint NOT NULL,
    "time" timestamp with time zone NOT NULL
);

CREATE TABLE parley.relay_node (
    name text NOT NULL,
    incarnation bigint NOT NULL,
    url text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    load real DEFAULT 0 NOT NULL,
    beat timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE parley.session (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    device text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    created timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    idle_seconds integer NOT NULL,
    CONSTRAINT session_token_hash_check CHECK ((octet_length(token_hash) = 32))
)
WITH (fillfactor='80');

CREATE UNLOGGED TABLE parley.throttle (
    kind text NOT NULL,
    key text NOT NULL,
    window_start timestamp with time zone NOT NULL,
    count integer NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY parley.message ATTACH PARTITION parley.direct_message FOR VALUES IN ('1');

ALTER TABLE ONLY parley.message ATTACH PARTITION parley.group_message FOR VALUES IN ('2');

ALTER TABLE ONLY parley.account
    ADD CONSTRAINT account_login_key UNIQUE (login);

ALTER TABLE ONLY parley.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parley.account_sync
    ADD CONSTRAINT account_sync_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY parley.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parley.compatibility
    ADD CONSTRAINT compatibility_pkey PRIMARY KEY (one);

ALTER TABLE ONLY parley.conversation
    ADD CONSTRAINT conversation_created_by_create_ref_key UNIQUE (created_by, create_ref);

ALTER TABLE ONLY parley.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parley.credential
    ADD CONSTRAINT credential_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY parley.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (store, conversation_id, seq);

ALTER TABLE ONLY parley.direct_message
    ADD CONSTRAINT direct_message_pkey PRIMARY KEY (store, conversation_id, seq);

ALTER TABLE ONLY parley.message
    ADD CONSTRAINT message_store_conversation_id_sender_id_ref_key UNIQUE (store, conversation_id, sender_id, ref);

ALTER TABLE ONLY parley.direct_message
    ADD CONSTRAINT direct_message_store_conversation_id_sender_id_ref_key UNIQUE (store, conversation_id, sender_id, ref);

ALTER TABLE ONLY parley.direct_pair
    ADD CONSTRAINT direct_pair_pkey PRIMARY KEY (low, high);

ALTER TABLE ONLY parley.epoch
    ADD CONSTRAINT epoch_pkey PRIMARY KEY (one);

ALTER TABLE ONLY parley.group_message
    ADD CONSTRAINT group_message_pkey PRIMARY KEY (store, conversation_id, seq);

ALTER TABLE ONLY parley.group_message
    ADD CONSTRAINT group_message_store_conversation_id_sender_id_ref_key UNIQUE (store, conversation_id, sender_id, ref);

ALTER TABLE ONLY parley.invite
    ADD CONSTRAINT invite_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parley.invite
    ADD CONSTRAINT invite_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY parley.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parley.membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (conversation_id, account_id);

ALTER TABLE ONLY parley.mention
    ADD CONSTRAINT mention_pkey PRIMARY KEY (account_id, conversation_id, seq);

ALTER TABLE ONLY parley.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);

ALTER TABLE ONLY parley.presence
    ADD CONSTRAINT presence_pkey PRIMARY KEY (account_id, relay);

ALTER TABLE ONLY parley.reaction
    ADD CONSTRAINT reaction_pkey PRIMARY KEY (conversation_id, seq, emoji, account_id);

ALTER TABLE ONLY parley.relay_node
    ADD CONSTRAINT relay_node_pkey PRIMARY KEY (name);

ALTER TABLE ONLY parley.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parley.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY parley.throttle
    ADD CONSTRAINT throttle_pkey PRIMARY KEY (kind, key);

CREATE INDEX account_directory ON parley.account USING gin (lower(((login || ' '::text) || display_name)) parley_trgm.gin_trgm_ops);

CREATE INDEX change_hint_time ON parley.change_hint USING brin ("time");

CREATE INDEX change_hint_xid ON parley.change_hint USING btree (xid);

CREATE INDEX conversation_public ON parley.conversation USING btree (id) WHERE ((visibility = 'public'::text) AND (deleted IS NULL));

CREATE INDEX conversation_retention ON parley.conversation USING btree (id) WHERE ((retention_days IS NOT NULL) AND (deleted IS NULL));

CREATE INDEX message_mod ON ONLY parley.message USING btree (store, conversation_id, mod);

CREATE INDEX direct_message_store_conversation_id_mod_idx ON parley.direct_message USING btree (store, conversation_id, mod);

CREATE INDEX message_own ON ONLY parley.message USING btree (store, conversation_id, sender_id, seq) WHERE ((NOT system) AND (NOT deleted));

CREATE INDEX direct_message_store_conversation_id_sender_id_seq_idx ON parley.direct_message USING btree (store, conversation_id, sender_id, seq) WHERE ((NOT system) AND (NOT deleted));

CREATE INDEX message_uncounted ON ONLY parley.message USING btree (store, conversation_id, seq) WHERE (system OR deleted);

CREATE INDEX direct_message_store_conversation_id_seq_idx ON parley.direct_message USING btree (store, conversation_id, seq) WHERE (system OR deleted);

CREATE INDEX group_message_store_conversation_id_mod_idx ON parley.group_message USING btree (store, conversation_id, mod);

CREATE INDEX group_message_store_conversation_id_sender_id_seq_idx ON parley.group_message USING btree (store, conversation_id, sender_id, seq) WHERE ((NOT system) AND (NOT deleted));

CREATE INDEX group_message_store_conversation_id_seq_idx ON parley.group_message USING btree (store, conversation_id, seq) WHERE (system OR deleted);

CREATE INDEX job_due ON parley.job USING btree (due);

CREATE INDEX membership_account ON parley.membership USING btree (account_id, account_mod);

CREATE INDEX membership_mod ON parley.membership USING btree (conversation_id, mod);

CREATE INDEX presence_relay ON parley.presence USING btree (relay);

CREATE INDEX session_account ON parley.session USING btree (account_id);

ALTER INDEX parley.message_pkey ATTACH PARTITION parley.direct_message_pkey;

ALTER INDEX parley.message_mod ATTACH PARTITION parley.direct_message_store_conversation_id_mod_idx;

ALTER INDEX parley.message_store_conversation_id_sender_id_ref_key ATTACH PARTITION parley.direct_message_store_conversation_id_sender_id_ref_key;

ALTER INDEX parley.message_own ATTACH PARTITION parley.direct_message_store_conversation_id_sender_id_seq_idx;

ALTER INDEX parley.message_uncounted ATTACH PARTITION parley.direct_message_store_conversation_id_seq_idx;

ALTER INDEX parley.message_pkey ATTACH PARTITION parley.group_message_pkey;

ALTER INDEX parley.message_mod ATTACH PARTITION parley.group_message_store_conversation_id_mod_idx;

ALTER INDEX parley.message_store_conversation_id_sender_id_ref_key ATTACH PARTITION parley.group_message_store_conversation_id_sender_id_ref_key;

ALTER INDEX parley.message_own ATTACH PARTITION parley.group_message_store_conversation_id_sender_id_seq_idx;

ALTER INDEX parley.message_uncounted ATTACH PARTITION parley.group_message_store_conversation_id_seq_idx;

ALTER TABLE ONLY parley.account_sync
    ADD CONSTRAINT account_sync_account_id_fkey FOREIGN KEY (account_id) REFERENCES parley.account(id);

ALTER TABLE ONLY parley.credential
    ADD CONSTRAINT credential_account_id_fkey FOREIGN KEY (account_id) REFERENCES parley.account(id);

ALTER TABLE ONLY parley.invite
    ADD CONSTRAINT invite_created_by_fkey FOREIGN KEY (created_by) REFERENCES parley.account(id);

ALTER TABLE ONLY parley.invite
    ADD CONSTRAINT invite_used_by_fkey FOREIGN KEY (used_by) REFERENCES parley.account(id);

ALTER TABLE ONLY parley.session
    ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES parley.account(id);
