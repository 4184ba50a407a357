-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_change(…): title, topic and avatar (an admin may), visibility, retention and archive (an owner may). What is NULL,
-- or not said to be set, stays. An archived group changes only as it is taken out of the archive.
--
-- Parameters: new_title; set_topic, new_topic; set_avatar, new_avatar: NULL = none
--             new_visibility  'private', 'public'
--             set_retention, new_retention: days that messages are kept, NULL = for ever
--             archive   true, false
-- Returns: {"conversation": row}
-- Raises:  unauthenticated, password_change, not_found, not_a_member, not_a_group, forbidden, archived
-- Locks:   the conversation.
-- Tables written: conversation, message (a new title is told by a system message), change_hint.
CREATE FUNCTION api.groups_change(token bytea, conversation bigint, new_title text, set_topic boolean, new_topic text,
                                  set_avatar boolean, new_avatar text, new_visibility text, set_retention boolean,
                                  new_retention integer, archive boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me  record := parley._session(token);
    c   parley.conversation;
    old parley.conversation;
BEGIN
    c := parley._lock_group(conversation, me.account_id,
                            CASE WHEN new_visibility IS NOT NULL OR set_retention OR archive IS NOT NULL
                                 THEN 'owner' ELSE 'admin' END);
    IF c.archived IS NOT NULL AND archive IS DISTINCT FROM false THEN
        PERFORM parley._fail('archived');
    END IF;
    old := c;
    c.title := coalesce(new_title, c.title);
    c.topic := CASE WHEN set_topic THEN nullif(new_topic, '') ELSE c.topic END;
    c.avatar := CASE WHEN set_avatar THEN nullif(new_avatar, '') ELSE c.avatar END;
    c.visibility := coalesce(new_visibility, c.visibility);
    c.retention_days := CASE WHEN set_retention THEN new_retention ELSE c.retention_days END;
    c.archived := CASE archive WHEN true THEN parley._now() WHEN false THEN NULL ELSE c.archived END;
    IF c IS DISTINCT FROM old THEN
        IF c.title <> old.title THEN
            c := parley._system(c, me.account_id, jsonb_build_object('type', 'title', 'title', c.title));
        END IF;
        c := parley._touch(c);
        PERFORM parley._store(c);
        PERFORM parley._tell(ARRAY[concat_ws(' ', 'c', c.id, c.mod)]);
    END IF;
    RETURN parley._conversation_answer(conversation, me.account_id);
END
$$;
