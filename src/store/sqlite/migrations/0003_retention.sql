-- Finds the digests that have been kept long enough.
CREATE INDEX digests_by_queued ON digests (queued);
