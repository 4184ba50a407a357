-- SPDX-License-Identifier: Apache-2.0

-- parley._account_json(a): an account to itself: as `register`, `login`, `me`, `welcome` and the `account` event show it.
CREATE FUNCTION parley._account_json(a parley.account) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{"id":"%s","login":%s,"display_name":%s%s%s%s}', a.id, to_json(a.login), to_json(a.display_name),
                  ',"avatar":' || to_json(a.avatar)::text,
                  CASE WHEN a.admin THEN ',"admin":true' END,
                  CASE WHEN k.must_change_password THEN ',"must_change_password":true' END)
      FROM parley.credential k WHERE k.account_id = a.id;
$$;

-- parley._account_public(a): an account to others: directory, members, search.
CREATE FUNCTION parley._account_public(a parley.account) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{"id":"%s","login":%s,"display_name":%s%s%s}', a.id, to_json(a.login), to_json(a.display_name),
                  ',"avatar":' || to_json(a.avatar)::text,
                  CASE WHEN a.deactivated IS NOT NULL THEN ',"deactivated":true' END);
$$;
