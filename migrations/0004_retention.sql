-- SPDX-License-Identifier: Apache-2.0
--
-- The groups that keep messages for a time only, which the upkeep looks through every minute (sql/common/_retain.sql).

CREATE INDEX conversation_retention ON parley.conversation (id) WHERE retention_days IS NOT NULL AND deleted IS NULL;
