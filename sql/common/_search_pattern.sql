-- SPDX-License-Identifier: Apache-2.0
--
-- parley._search_pattern(q): what somebody typed to find a name, as a LIKE pattern over case-folded text: any part, its words
-- in the order given. NULL or only white space is '%', which finds everything.
CREATE FUNCTION parley._search_pattern(q text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN '%' || coalesce(regexp_replace(nullif(regexp_replace(regexp_replace(lower(q), '([\\%_])', '\\\1', 'g'),
                                                           '^\s+|\s+$', '', 'g'), ''), '\s+', '%', 'g') || '%', '');
