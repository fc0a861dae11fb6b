-- A digest as it was composed, as JSON: what its service does not take in one form is written in another.
-- Digests of an older newsboy have none.
ALTER TABLE digests ADD COLUMN content TEXT;

-- What stands behind the title of a message, such as ' (2/3)'.
ALTER TABLE deliveries ADD COLUMN label TEXT NOT NULL DEFAULT '';

-- Since when a webhook takes nothing; null where its last attempt went well.
ALTER TABLE webhooks ADD COLUMN failing_since INTEGER;

-- Since when and why nothing is composed for and sent to a webhook: a person paused it, or its service said
-- that the address is closed.
ALTER TABLE webhooks ADD COLUMN stopped INTEGER;
ALTER TABLE webhooks ADD COLUMN stopped_why TEXT;
ALTER TABLE webhooks ADD COLUMN stopped_by TEXT;
