-- SPDX-License-Identifier: Apache-2.0
--
-- Finding, locking, checking and storing one conversation. Whoever changes a conversation or its members goes through here.

-- parley._rank(role): 3 owner, 2 admin, 1 member, 0 none.
CREATE FUNCTION parley._rank(role text) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN CASE role WHEN 'owner' THEN 3 WHEN 'admin' THEN 2 WHEN 'member' THEN 1 ELSE 0 END;

-- parley._refuse_outsider(conversation): the answer to one who is not in it: a private or unknown conversation does not exist
-- for outsiders, a public group is no secret.
-- Raises: not_found, not_a_member; always one of them.
CREATE FUNCTION parley._refuse_outsider(conversation bigint) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM parley.conversation c
                WHERE c.id = conversation AND c.visibility = 'public' AND c.deleted IS NULL) THEN
        PERFORM parley._fail('not_a_member', 'Join the group first.');
    END IF;
    PERFORM parley._fail('not_found', 'There is no such conversation, or you are not in it.');
END
$$;

-- parley._member(conversation, account): the membership of one who is in a conversation.
-- Raises: not_found, not_a_member.
CREATE FUNCTION parley._member(conversation bigint, account bigint) RETURNS parley.membership LANGUAGE plpgsql STABLE AS $$
DECLARE
    u parley.membership;
BEGIN
    SELECT x.* INTO u FROM parley.membership x JOIN parley.conversation c ON c.id = x.conversation_id
     WHERE x.conversation_id = conversation AND x.account_id = account AND x.role IS NOT NULL AND c.deleted IS NULL;
    IF NOT FOUND THEN
        PERFORM parley._refuse_outsider(conversation);
    END IF;
    RETURN u;
END
$$;

-- parley._lock_group(conversation, account, lowest): the group's row, locked until the end of the transaction, if the account
-- has at least that role in it. The role cannot change while the lock is held.
-- Raises: not_found, not_a_member, not_a_group, forbidden.
CREATE FUNCTION parley._lock_group(conversation bigint, account bigint, lowest text) RETURNS parley.conversation
LANGUAGE plpgsql AS $$
DECLARE
    c parley.conversation;
    u parley.membership;
BEGIN
    SELECT * INTO c FROM parley.conversation x WHERE x.id = conversation FOR NO KEY UPDATE;
    u := parley._member(conversation, account);
    IF c.store <> 2 THEN
        PERFORM parley._fail('not_a_group');
    ELSIF parley._rank(u.role) < parley._rank(lowest) THEN
        PERFORM parley._fail('forbidden', format('That takes the role %s in this group.', lowest));
    END IF;
    RETURN c;
END
$$;

-- parley._touch(c): the conversation's own row changes: it takes a mod. Returns the row, which the caller stores.
CREATE FUNCTION parley._touch(c parley.conversation) RETURNS parley.conversation LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    c.mod := c.mod + 1;
    c.changed_mod := c.mod;
    RETURN c;
END
$$;

-- parley._store(c): write back a row that was locked (or made) in this transaction.
-- Tables written: conversation.
CREATE FUNCTION parley._store(c parley.conversation) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE parley.conversation x
       SET last_seq = c.last_seq, first_seq = c.first_seq, mod = c.mod, changed_mod = c.changed_mod,
           members_count = c.members_count, title = c.title, topic = c.topic, avatar = c.avatar, visibility = c.visibility,
           retention_days = c.retention_days, archived = c.archived, deleted = c.deleted
     WHERE x.id = c.id;
$$;
